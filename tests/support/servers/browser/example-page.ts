import { expect } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { PASSWORD } from '../../builders/accounts/given-users.ts'
import type { Profile } from './given-browser.ts'
import { givenProfile } from './given-browser.ts'

/** What a person does on the example page, and sees there. */
export type Visit = {
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

export type Person = {
  readonly name: string
  /** Null: not shared. */
  readonly email: string | null
}

export type Visitor = Profile & { visit(): Promise<Visit> }

/** Somebody with a browser of their own. */
export const givenVisitor = async (address: string): Promise<Visitor> => {
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

const AXE = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'))

/** What axe finds wrong for people who cannot see, or not well, or have no mouse. */
export const expectAccessible = async (page: Page): Promise<void> => {
  await page.evaluate(await readFile(AXE, 'utf8'))
  const findings = await page.evaluate(
    "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))",
  )
  expect(findings).toEqual([])
}
