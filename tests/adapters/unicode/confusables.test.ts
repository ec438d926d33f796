import { describe, expect, test } from 'bun:test'
import { makeConfusables } from '../../../src/adapters/unicode/confusables.ts'
import { canonicalUsername } from '../../../src/domain/accounts/username.ts'

const confusables = makeConfusables()
const skeleton = (name: string): string => confusables.skeleton(canonicalUsername(name))

describe('skeletons of usernames', () => {
  test('names that look alike share one [RG2]', () => {
    const pairs = [
      ['аdmin', 'admin'],
      ['paypa1', 'paypal'],
      ['rnoderator', 'moderator'],
      ['ο1іvеr', 'oliver'],
      ['johndoe', 'jοhndoe'],
    ]
    const apart = pairs.filter(([one = '', other = '']) => skeleton(one) !== skeleton(other))
    expect(apart).toEqual([])
  })

  test('names that look alike in capitals, or with one, share one [RG2]', () => {
    const pairs = [
      ['ADMlN', 'admin'],
      ['aIice', 'alice'],
      ['R00T', 'root'],
      ['1nfo', 'info'],
      ['ЅУЅТЕМ', 'system'],
      ['неlр', 'help'],
      ['νονο', 'vovo'],
    ]
    const apart = pairs.filter(([one = '', other = '']) => skeleton(one) !== skeleton(other))
    expect(apart).toEqual([])
  })

  test('names that look different have different skeletons', () => {
    const names = ['johndoe', 'janedoe', 'สมชาย', 'иван', 'ivan', 'josé', 'jose', 'user1', 'user2']
    expect(new Set(names.map(skeleton)).size).toBe(names.length)
  })

  test('composed and decomposed names share one', () => {
    expect(skeleton('josé')).toBe(skeleton('jose\u0301'))
  })

  test('the skeleton of a skeleton is the same', () => {
    for (const name of ['аdmin', 'paypa1', 'rnoderator', 'ﬁne', 'm', 'R00T', 'ЅУЅТЕМ'])
      expect(skeleton(skeleton(name))).toBe(skeleton(name))
  })
})
