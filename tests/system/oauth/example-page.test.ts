import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import type { Page } from 'playwright-core'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import { startPreparedService } from '../../support/processes/service/prepared-data.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import { axeFindings } from '../../support/servers/browser/axe.ts'
import type { Profile } from '../../support/servers/browser/given-browser.ts'
import { givenProfile } from '../../support/servers/browser/given-browser.ts'

/** What a person does on the example page, and sees there. */
type Visit = {
  readonly page: Page
  press(button: string): Promise<void>
  /** Waits until the page says this. */
  hears(message: string | RegExp): Promise<void>
  /** Waits until they are signed in, and reads what the page says of them. */
  reads(term: string): Promise<string>
  register(username: string): Promise<void>
  signIn(username: string, password?: string): Promise<void>
  /** Arrives at a provider by this button, and says who they are there. */
  decideAt(button: string, person: Person | 'cancel'): Promise<void>
}

type Person = {
  readonly name: string
  /** Null: not shared. */
  readonly email: string | null
}

type Visitor = Profile & { visit(): Promise<Visit> }

/** Somebody with a browser of their own. */
const givenVisitor = async (address: string): Promise<Visitor> => {
  const profile = await givenProfile()
  return {
    ...profile,
    visit: async () => {
      const page = await profile.newPage()
      await page.goto(address)
      return visitOf(page)
    },
  }
}

const visitOf = (page: Page): Visit => {
  const press = (button: string) => page.getByRole('button', { name: button, exact: true }).click()
  return {
    page,
    press,
    hears: (message) => page.getByRole('status').filter({ hasText: message }).waitFor(),
    reads: async (term) => {
      await page.getByRole('heading', { name: 'You', exact: true }).waitFor()
      const text = await page.locator(`dt:text-is("${term}") + dd`).textContent()
      return text ?? ''
    },
    register: async (username) => {
      await page.getByLabel('Email', { exact: true }).fill(`${username}@example.com`)
      await page.getByLabel('Username', { exact: true }).fill(username)
      await page.getByLabel('New password').fill(PASSWORD)
      await press('Register')
    },
    signIn: async (username, password = PASSWORD) => {
      await page.getByLabel('Email or username').fill(username)
      await page.getByLabel('Password', { exact: true }).fill(password)
      await press('Sign in')
    },
    decideAt: async (button, person) => {
      await press(button)
      await page.getByText('replaces it during development').waitFor()
      if (person === 'cancel') return press('Cancel')
      await page.getByLabel('You are').fill(person.name)
      await page.getByLabel('Share my email address').setChecked(person.email !== null)
      if (person.email !== null) await page.getByLabel('Email', { exact: true }).fill(person.email)
      await press('Continue')
    },
  }
}

const expectAccessible = async (page: Page): Promise<void> =>
  expect(await axeFindings(page)).toEqual([])

setDefaultTimeout(60_000)

const PROVIDERS = [
  ['Google', 'ada.of.google@gmail.com'],
  ['Facebook', 'ada.of.facebook@example.com'],
  ['LINE', null],
] as const

let service: Service
let address: string
let visitor: Visitor

beforeAll(async () => {
  service = await startPreparedService({
    environment: { NODE_ENV: 'development', RATE_LIMITS: 'off' },
  })
  address = String((await service.seen('service.demo'))['page'])
})
afterAll(() => service.stop())

beforeEach(async () => {
  visitor = await givenVisitor(address)
})
// No visit may end with a script error or a violation of the page's Content-Security-Policy.
afterEach(async () => {
  await visitor.context.close()
  expect(visitor.complaints()).toEqual([])
})

describe('on the example page', () => {
  test('whoever registers stays signed in through a reload, until they sign out', async () => {
    const { page, register, reads, press } = await visitor.visit()
    await register('ada')
    expect(await reads('Email')).toBe('ada@example.com (not verified)')
    await page.reload()
    expect(await reads('Username')).toBe('ada')
    await press('Sign out')
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    await page.reload()
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
  })

  test('a wrong password shows an error, and the right one signs in', async () => {
    const { register, signIn, hears, press, reads } = await visitor.visit()
    await register('bob')
    await reads('Username')
    await press('Sign out')
    await signIn('bob', 'not the password at all')
    await hears('There is no account with that name and that password')
    await signIn('bob', PASSWORD)
    expect(await reads('Username')).toBe('bob')
  })

  test('every fault of a registration is under its field, and gone once it is corrected', async () => {
    const { page, press, hears, reads, register } = await visitor.visit()
    await page.getByText('At least 12 characters').waitFor()
    await page.getByLabel('Email', { exact: true }).fill('nobody')
    await page.getByLabel('Username', { exact: true }).fill('admin')
    await page.getByLabel('New password').fill('short')
    await press('Register')
    await hears('Please correct the marked fields.')
    const messageAt = async (label: string) => {
      const field = page.getByLabel(label, { exact: true })
      expect(await field.getAttribute('aria-invalid')).toBe('true')
      const ids = (await field.getAttribute('aria-describedby'))?.split(' ') ?? []
      return page.locator(`#${ids.at(-1)}`).textContent()
    }
    expect(await messageAt('Email')).toBe('This is not an email address of at most 254 characters.')
    expect(await messageAt('Username')).toBe('This name is reserved.')
    expect(await messageAt('New password')).toBe('This must have at least 12 characters.')
    await expectAccessible(page)

    await page.getByLabel('Email', { exact: true }).fill('olga@example.com')
    await page.getByLabel('Username', { exact: true }).fill('olga')
    await press('Register')
    await page.getByText('This name is reserved.').waitFor({ state: 'detached' })
    expect(await messageAt('New password')).toBe('This must have at least 12 characters.')
    await register('olga')
    expect(await reads('Username')).toBe('olga')
    expect(await page.locator('[aria-invalid]').count()).toBe(0)
  })

  test('no script can read the refresh token [HH8]', async () => {
    const { page, register, reads } = await visitor.visit()
    await register('carol')
    await reads('Username')
    const [cookie] = await visitor.context.cookies()
    expect(cookie).toMatchObject({
      name: '__Host-refresh',
      httpOnly: true,
      secure: true,
      sameSite: 'Strict',
      path: '/',
    })
    const readable = await page.evaluate(
      'JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }])',
    )
    expect(readable).toBe(JSON.stringify(['', { 'auth:signed-in': 'yes' }, {}]))
  })

  test('two tabs that refresh at once both stay signed in, in one session', async () => {
    const [one, other] = [await visitor.visit(), await visitor.visit()]
    await one.register('dora')
    expect(await other.reads('Username')).toBe('dora')
    let refreshes = 0
    visitor.context.on('request', (request) => {
      if (request.method() === 'POST' && request.url().endsWith('/refresh')) refreshes += 1
    })
    for (let round = 1; round <= 3; round += 1) {
      await Promise.all([one.page.reload(), other.page.reload()])
      expect([await one.reads('Username'), await other.reads('Username')]).toEqual(['dora', 'dora'])
      expect(refreshes).toBeLessThanOrEqual(2 * round)
      expect(await one.page.locator('#sessions li').count()).toBe(1)
    }
  })

  test('signing out in one tab signs the other out', async () => {
    const [one, other] = [await visitor.visit(), await visitor.visit()]
    await one.register('emil')
    await other.reads('Username')
    await one.press('Sign out')
    await other.page.getByRole('button', { name: 'Sign in' }).waitFor()
  })

  test('a session elsewhere can be ended', async () => {
    const { page, register, reads, press, hears } = await visitor.visit()
    await register('fred')
    await reads('Username')
    await fetch(`${service.url}/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'A telephone' },
      body: JSON.stringify({ identifier: 'fred', password: PASSWORD }),
    })
    await press('Reload')
    await page.getByText('A telephone').waitFor()
    await press('End')
    await hears('Done.')
    expect(await page.locator('#sessions li').count()).toBe(1)
  })
})

describe('through a provider', () => {
  test.each(PROVIDERS)(
    'a new user signs in, is announced, and signs in again as the same user: %s',
    async (provider, email) => {
      const { page, decideAt, hears, reads, press } = await visitor.visit()
      const person = { name: `Ada of ${provider}`, email }
      await decideAt(`Continue with ${provider}`, person)
      await hears('shows the event that this caused')
      expect(await reads('Name')).toBe(person.name)
      expect(await reads('Email')).toStartWith(email ?? 'none')
      // Neither the code nor Facebook's fragment may stay in the address.
      expect(page.url()).toBe(`${address}/`)
      const id = await reads('Id')
      const event = await service.consumed((message) => message['id'] === id)
      expect(event).toMatchObject({ action: 'created', email, displayName: person.name })

      await press('Sign out')
      await decideAt(`Continue with ${provider}`, person)
      await hears('Welcome back')
      expect(await reads('Id')).toBe(id)
    },
  )

  test('a user who cancels returns to the page as before', async () => {
    const { page, decideAt, hears } = await visitor.visit()
    await decideAt('Continue with LINE', 'cancel')
    await hears('You cancelled at the provider')
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
  })

  test('a user with a password links a provider and unlinks it again', async () => {
    const { decideAt, hears, register, reads, press, page } = await visitor.visit()
    await register('gina')
    const id = await reads('Id')
    await decideAt('Link LINE', { name: 'Gina of LINE', email: null })
    await hears('Linked')
    await press('Sign out')
    await decideAt('Continue with LINE', { name: 'Gina of LINE', email: null })
    expect(await reads('Id')).toBe(id)
    await press('Unlink LINE')
    await hears('Done.')
    await page.getByRole('button', { name: 'Link LINE' }).waitFor()
  })

  test('the only sign-in method cannot be unlinked', async () => {
    const { decideAt, hears, reads, press } = await visitor.visit()
    await decideAt('Continue with Facebook', { name: 'Hugo of Facebook', email: null })
    await reads('Id')
    await press('Unlink Facebook')
    await hears('It is your only sign-in method')
  })

  test('an address that has a password here is not taken over, and the page says how to go on', async () => {
    const { decideAt, hears, register, reads, press, signIn } = await visitor.visit()
    await register('iris')
    const id = await reads('Id')
    await press('Sign out')
    const person = { name: 'Iris of Google', email: 'iris@example.com' }
    await decideAt('Continue with Google', person)
    await hears('Sign in with its password, then link')
    await signIn('iris')
    await reads('Id')
    await decideAt('Link Google', person)
    await hears('Linked')
    expect(await reads('Id')).toBe(id)
  })
})

describe('accessibility', () => {
  test('axe finds no problem in any state of the page, nor at the fake providers', async () => {
    const { page, press, register, reads } = await visitor.visit()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.goto(address)
      await page.getByRole('button', { name: 'Sign in' }).waitFor()
      await expectAccessible(page)
      for (const [provider] of PROVIDERS) {
        await press(`Continue with ${provider}`)
        await page.getByRole('heading', { name: `Sign in with ${provider}` }).waitFor()
        await expectAccessible(page)
        await page.goto(address)
      }
      await register(`jo-${colorScheme}`)
      await reads('Username')
      await expectAccessible(page)
      await press('Sign out')
      // Leaving the page earlier would cancel the request.
      await page.getByRole('button', { name: 'Sign in' }).waitFor()
    }
  })
})
