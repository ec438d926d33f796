import { describe, expect, test } from 'bun:test'
import { makeConfusables } from '../../../src/adapters/unicode/confusables.ts'
import {
  makeChooseUsername,
  usernameForms,
} from '../../../src/application/accounts/choose-username.ts'
import { RESERVED_USERNAMES } from '../../../src/domain/accounts/username.ts'
import { givenUsername } from '../../support/builders/accounts/given-users.ts'

const chooseUsername = makeChooseUsername(makeConfusables())

const outcome = (text: string): string => {
  const chosen = chooseUsername(text)
  return chosen.ok ? chosen.value.username : chosen.refusal
}

describe('choosing a username', () => {
  test('keeps the name as written, with its canonical form and skeleton [RG1]', () => {
    const chosen = chooseUsername('Zoe\u0308')
    expect<unknown>(chosen).toMatchObject({
      ok: true,
      value: { username: 'Zoë', forms: { canonical: 'zoë' } },
    })
    expect<unknown>(chosen.ok && chosen.value.forms).toEqual(
      usernameForms(makeConfusables(), givenUsername('ZOË')),
    )
  })

  test.each([...RESERVED_USERNAMES])('does not give %s away, in any case [RG2]', (name) => {
    expect([name, name.toUpperCase()].map(outcome)).toEqual(['reserved', 'reserved'])
  })

  test.each([['ѕуѕтем'], ['арі'], ['r00t'], ['1nfo'], ['ADMlN'], ['ROОT'], ['Ⓐdmin']])(
    'does not give %s away, which mixes scripts or looks like a reserved name [RG2]',
    (name) => {
      expect(outcome(name)).toBeOneOf(['reserved', 'mixed-scripts'])
    },
  )

  test.each([
    ['ᴀdmin'],
    ['ᴀᴅᴍɪɴ'],
    ['ꜱᴜᴘᴘᴏʀᴛ'],
    ['ʀoot'],
    ['ádmin'],
    ['admín'],
    ['a\u0323dmin'],
    ['ÀDMÍN'],
    ['ad.min'],
    ['a.d.m.i.n'],
    ['Admin.'],
    ['admin_'],
    ['ad-min'],
    ['ad_min..'],
    ['no_reply'],
    ['noreply-'],
    ['auth.service'],
    ['authservice'],
    ['ađmin'],
    ['røøt'],
    ['hełp'],
    ['adminʼ'],
    ['adminˑ'],
    ['adminǃ'],
    ['ᴀd.mín-'],
    ['R.O.0.T'],
    ['ѕу.ѕтем'],
    ['rооt'],
    ['a-d-m-l-n'],
    ['ａｄ．ｍｉｎ'],
    ['aᶁmin'],
    ['adᶆin'],
    ['ᶏdmin'],
    ['Ⱥdmin'],
    ['ɾooƫ'],
    ['ꞅuᵱᶈoꞃⱦ'],
    ['ɦeɬp'],
  ])('does not give %s away, which looks like a reserved name [RG15]', (name) => {
    expect(outcome(name)).toBeOneOf(['reserved', 'mixed-scripts', 'characters'])
  })

  test.each([
    ['adminé2'],
    ['josé'],
    ['jose'],
    ['ad.miner'],
    ['t.est.er'],
    ['สมชาย'],
    ['владимир'],
    ['ᴊohn'],
    ['o.brien'],
  ])('gives %s away, which looks like none [RG15]', (name) => {
    expect(outcome(name)).toBe(name)
  })

  test.each([['administrators'], ['rooty'], ['john.admin'], ['supporter']])(
    'gives %s away, which only contains a reserved name',
    (name) => {
      expect(outcome(name)).toBe(name)
    },
  )
})
