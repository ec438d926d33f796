import { expect, test } from 'bun:test'
import { faultLine } from '../../../src/domain/shared/fault-line.ts'

class ErrnoError {
  errno = 51
}

test.each([
  [new Error('no disk'), 'no disk'],
  [new Error('no start', { cause: new Error('no disk') }), 'no start: no disk'],
  [new Error('no start', { cause: { code: 'ENOSPC' } }), 'no start: Object code ENOSPC'],
  [new Error('two\n  lines'), 'two lines'],
  [new TypeError(''), 'TypeError'],
  ['text', 'text'],
  [undefined, 'undefined'],
  [null, 'null'],
  [new ErrnoError(), 'ErrnoError errno 51'],
  [{ name: 'ErrnoError', errno: 51 }, 'ErrnoError errno 51'],
  [{ name: 'ExitStatus', message: 'exit(1)', status: 1 }, 'exit(1)'],
  [{ code: 'ENOSPC', password: 'canary' }, 'Object code ENOSPC'],
  [{}, 'Object'],
  [Object.create(null), 'an object'],
  [new AggregateError([new Error('a'), new Error('b')]), 'a; b'],
  [new AggregateError([new Error('a')], 'both'), 'both'],
])('whatever was thrown is told in words, case %#', (fault, line) => {
  expect(faultLine(fault)).toBe(line)
})
