import { makeAuthClient } from './auth-client.js'
import { fillList, fillTerms, show, tell, tellFields } from './elements.js'
import { explain } from './explain.js'

const service = document.querySelector('meta[name=auth-service]').getAttribute('content')
const byId = (id) => document.getElementById(id)

const client = makeAuthClient({
  service,
  redirectUri: location.origin + location.pathname,
  // Another tab may have signed in or out.
  onChange: (signedIn) => act(() => (signedIn ? showProfile() : showSignIn())),
})

/** Runs an action of the user, and shows a message when it fails. */
const act = async (action) => {
  try {
    await action()
  } catch (fault) {
    tell(explain(fault), 'bad')
    byId('confirm').hidden = fault.code !== 'recent-login-required'
    if (byId('loading').hidden === false) await showSignIn().catch(() => show('signed-out'))
  }
}

const readProviders = async () => {
  const response = await fetch(`${service}/v1/auth/providers`)
  return response.ok ? (await response.json()).items : []
}

/** The shortest password is a setting of the service. */
const showPasswordRules = async () => {
  const response = await fetch(`${service}/v1/auth/password-rules`)
  if (!response.ok) return
  const { minimumLength } = await response.json()
  byId('password-help').textContent = `At least ${minimumLength} characters; a few words are fine.`
}

const showSignIn = async () => {
  show('signed-out')
  await showPasswordRules()
  const providers = await readProviders()
  byId('providers').hidden = providers.length === 0
  fillList(
    byId('providers').querySelector('ul'),
    providers.map(({ id, name }) => ({
      button: { label: `Continue with ${name}`, press: () => act(() => client.signInWith(id)) },
    })),
  )
}

const showProfile = async () => {
  const [user, sessions] = await Promise.all([
    client.call('GET', '/v1/users/me'),
    client.call('GET', '/v1/users/me/sessions'),
  ])
  fillTerms(byId('user'), {
    Username: user.username,
    Name: user.displayName ?? '–',
    Email:
      user.email === null ? 'none' : `${user.email}${user.emailVerified ? '' : ' (not verified)'}`,
    Role: user.role,
    Version: `${user.version}, of ${new Date(user.updatedAt).toLocaleString()}`,
    Id: user.id,
  })
  fillList(
    byId('sessions'),
    sessions.items.map(({ id, current, userAgent, lastUsedAt }) => ({
      text: current ? 'This browser' : (userAgent ?? 'Another client'),
      detail: `last used ${new Date(lastUsedAt).toLocaleString()}`,
      button: current
        ? null
        : { label: 'End', press: () => change('DELETE', `/v1/users/me/sessions/${id}`) },
    })),
  )
  await showIdentities()
  show('signed-in')
}

const showIdentities = async () => {
  const providers = await readProviders()
  byId('identities').hidden = providers.length === 0
  if (providers.length === 0) return
  const { items } = await client.call('GET', '/v1/users/me/identities')
  const rows = providers.map(({ id, name }) => {
    const linked = items.find(({ provider }) => provider === id)
    return linked === undefined
      ? {
          text: name,
          detail: 'not linked',
          button: { label: `Link ${name}`, press: () => act(() => client.link(id)) },
        }
      : {
          text: name,
          detail: `linked ${new Date(linked.linkedAt).toLocaleString()}, ${linked.email ?? 'no address'}`,
          button: {
            label: `Unlink ${name}`,
            press: () => change('DELETE', `/v1/users/me/identities/${id}`),
          },
        }
  })
  fillList(byId('identities').querySelector('ul'), rows)
}

const change = (method, path) =>
  act(async () => {
    await client.call(method, path)
    await showProfile()
    tell('Done.')
  })

const onSubmit = (id, send) => {
  const form = /** @type {HTMLFormElement} */ (byId(id))
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const fields = Object.fromEntries(new FormData(form))
    void act(async () => {
      try {
        await send(fields)
      } catch (fault) {
        tellFields(form, fault.errors ?? [])
        throw fault
      }
      tellFields(form, [])
      form.reset()
    })
  })
}

const onClick = (id, action) => byId(id).addEventListener('click', () => void act(action))

onSubmit('sign-in', async ({ identifier, password }) => {
  await client.signIn(identifier, password)
  tell('You are signed in.')
})
onSubmit('register', async (fields) => {
  await client.register(fields)
  tell('Welcome. The terminal of the service shows the event that this caused.')
})
onSubmit('confirm', async ({ password }) => {
  await client.call('POST', '/v1/auth/reauthenticate', { password })
  byId('confirm').hidden = true
  tell('Thank you. Now try again.')
})
onClick('reload', showProfile)
onClick('sign-out', async () => {
  await client.signOut()
  tell('You are signed out.')
})
onClick('sign-out-everywhere', async () => {
  await client.call('POST', '/v1/auth/logout-all')
  await client.signOut()
  tell('You are signed out everywhere.')
})

show('loading')
await act(async () => {
  const finished = await client.finish()
  if (finished?.linked) tell('Linked. You can now sign in with it.')
  else if (finished?.created)
    tell('Welcome. The terminal of the service shows the event that this caused.')
  else if (finished) tell('Welcome back.')
  else if (!(await client.restore())) await showSignIn()
})
