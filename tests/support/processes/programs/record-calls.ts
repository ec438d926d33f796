import { appendFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import process from 'node:process'
import { plugin } from 'bun'
import ts from 'typescript'
import { ROOT } from '../../../../scripts/repository.ts'

// Preloaded into a service (`bun --preload`). Writes a line to the file that RECORDED_CALLS names for each call of the
// functions that WATCHED_FUNCTIONS names as `path#function`, comma-separated.

const file = process.env['RECORDED_CALLS'] ?? ''
const watched = new Set((process.env['WATCHED_FUNCTIONS'] ?? '').split(','))
const watchedPaths = [
  ...new Set([...watched].map((name) => resolve(ROOT, name.split('#')[0] ?? ''))),
]

Object.assign(globalThis, {
  recordCall: (name: string) => appendFileSync(file, `${name}\n`),
})

/** A function that makes another one, like `makeX = (needs) => async (…) => …`, stands for the function that it makes. */
const innermost = (node: ts.Expression): ts.Expression =>
  ts.isArrowFunction(node) && ts.isArrowFunction(node.body) ? innermost(node.body) : node

/** Where the code of each watched function begins, and whether braces have to be added there. */
const places = (source: ts.SourceFile, path: string) => {
  const found: { name: string; body: ts.ConciseBody }[] = []
  const visit = (node: ts.Node): void => {
    const isNamed =
      ts.isVariableDeclaration(node) ||
      ts.isPropertyAssignment(node) ||
      ts.isFunctionDeclaration(node)
    const name = isNamed && node.name !== undefined ? `${path}#${node.name.getText(source)}` : ''
    if (watched.has(name)) {
      const code = ts.isFunctionDeclaration(node) ? node : innermost(initializerOf(node))
      if ((ts.isArrowFunction(code) || ts.isFunctionDeclaration(code)) && code.body !== undefined)
        found.push({ name, body: code.body })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

const initializerOf = (node: ts.Node): ts.Expression => {
  if ((ts.isVariableDeclaration(node) || ts.isPropertyAssignment(node)) && node.initializer)
    return node.initializer
  throw new Error('a watched name has no value')
}

const instrumented = (text: string, path: string): string => {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  let result = text
  for (const { name, body } of places(source, path).toSorted(
    (one, other) => other.body.getStart(source) - one.body.getStart(source),
  )) {
    const call = `globalThis.recordCall(${JSON.stringify(name)})`
    const [start, end] = [body.getStart(source), body.getEnd()]
    result = ts.isBlock(body)
      ? `${result.slice(0, start)}{ ${call};${result.slice(start + 1)}`
      : `${result.slice(0, start)}(${call}, ${result.slice(start, end)})${result.slice(end)}`
  }
  return result
}

plugin({
  name: 'record calls',
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = await Bun.file(path).text()
      return {
        loader: 'ts',
        contents: watchedPaths.includes(path) ? instrumented(text, relative(ROOT, path)) : text,
      }
    })
  },
})
