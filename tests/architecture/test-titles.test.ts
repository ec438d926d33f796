import { describe, expect, test } from 'bun:test'
import { titlesIn } from '../../scripts/documents/test-titles.ts'
import { readFrom, typeScriptUnder } from '../../scripts/repository.ts'

/** Titles with a place for a value are made unique by it. */
const repeated = (titles: readonly string[]): string[] =>
  titles.filter((title, index) => !title.includes('%') && titles.indexOf(title) !== index)

describe('titles of tests', () => {
  test('are unique in the whole repository, and facts', async () => {
    const sources = await Promise.all(
      (await typeScriptUnder('tests')).map((path) => readFrom(path)),
    )
    const titles = sources.flatMap(titlesIn)
    expect(titles.length).toBeGreaterThan(150)
    expect(repeated(titles)).toEqual([])
    expect(titles.filter((title) => /^should\b/i.test(title))).toEqual([])
  })

  test('that are repeated would be noticed', () => {
    const source = `te${''}st('a', () => {})\nte${''}st('b', () => {})\nte${''}st("a", () => {})`
    expect(repeated(titlesIn(source))).toEqual(['a'])
  })
})
