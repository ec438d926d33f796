import { htmlPage, inHtml } from '../shared/page.ts'
import type { ProblemCode, ProblemKind } from './problems.ts'
import { PROBLEMS } from './problems.ts'

const codes = (Object.keys(PROBLEMS) as ProblemCode[]).toSorted(
  (a, b) => PROBLEMS[a].status - PROBLEMS[b].status,
)

const kindOf = (code: string): ProblemKind | undefined =>
  Object.entries(PROBLEMS).find(([each]) => each === code)?.[1]

/** The page that a problem's `type` points to, or null for a code that does not exist. */
export const problemPage = (code: string): string | null => {
  const kind = kindOf(code)
  if (kind === undefined) return null
  const { title, status, meaning, remedy } = kind
  return htmlPage(
    title,
    `<p><code>${code}</code>, status ${status}</p>
<p>${inHtml(meaning)}</p>
<p>${inHtml(remedy)}</p>
<p><a href="/problems">All problems</a></p>`,
  )
}

/** The page that lists every problem. */
export const problemsPage = (): string =>
  htmlPage(
    'Problems',
    `<p>The errors that this service answers with. A program may rely on the codes.</p>
<table>
${codes.map(problemRow).join('\n')}
</table>`,
  )

const problemRow = (code: ProblemCode): string =>
  `<tr><td><a href="/problems/${code}">${code}</a></td><td>${PROBLEMS[code].status}</td><td>${inHtml(PROBLEMS[code].title)}</td></tr>`

/** The text of docs/errors.md. */
export const errorsDocument = (): string =>
  [
    '# Problems',
    '',
    'This page lists every error that the service answers with. The body of an error is `application/problem+json` (RFC 9457)',
    'with `type`, `title`, `status`, `code`, `detail` and `traceId`.',
    '',
    'A `code` keeps its meaning, so programs may rely on it. `title` and `detail` are for people, and their wording may change.',
    '`invalid-request`, `weak-password`, `mode-not-allowed` and `snapshot-needed` also have `errors`. Each entry names one place in the',
    'request and what is wrong there: `{ pointer, code, detail }`.',
    '',
    '| code | status | meaning | what a client does |',
    '|---|---|---|---|',
    ...codes.map((code) => {
      const { status, meaning, remedy } = PROBLEMS[code]
      return `| \`${code}\` | ${status} | ${meaning} | ${remedy} |`
    }),
    '',
  ].join('\n')
