import { contractProblems } from './contract-problems.ts'

const problems = await contractProblems()
for (const problem of problems) console.error(problem)
process.exitCode = problems.length === 0 ? 0 : 1
