import type { ProviderName } from './names.ts'

const TITLES: Readonly<Record<ProviderName, string>> = {
  google: 'Google',
  facebook: 'Facebook',
  line: 'LINE',
}

const COLOURS: Readonly<Record<ProviderName, string>> = {
  google: '#1a56c4',
  facebook: '#0a57c2',
  line: '#04713a',
}

/** Only Google says whether an address is verified. LINE gives the address only to channels with a permission. */
export const consentPage = (name: ProviderName, asksForEmail: boolean): string =>
  document(
    name,
    `Sign in with ${TITLES[name]}`,
    `<form method="post">
<p><label for="name">You are</label>
<input id="name" name="name" value="Ada Lovelace" required autocomplete="off" aria-describedby="name-help">
<small id="name-help">The same name comes back as the same account.</small></p>
${asksForEmail ? emailFields(name) : ''}
<p class="buttons"><button name="decision" value="agree">Continue</button>
<button name="decision" value="deny" class="quiet" formnovalidate>Cancel</button></p>
</form>`,
  )

const emailFields = (name: ProviderName): string => `<fieldset><legend>Address</legend>
<p><label><input type="checkbox" name="share-email"${name === 'line' ? '' : ' checked'}> Share my email address</label></p>
<p><label for="email">Email</label>
<input id="email" name="email" type="email" value="ada.lovelace@${name === 'google' ? 'gmail.com' : 'example.com'}" autocomplete="off"></p>
${
  name === 'google'
    ? `<p><label><input type="checkbox" name="verified" checked> It is verified</label></p>
<p><label for="organisation">Organisation that keeps the account (hd)</label>
<input id="organisation" name="organisation" placeholder="none" autocomplete="off"></p>`
    : ''
}</fieldset>`

/** The refusal is shown to the user, as the real providers do, because there is no valid address to redirect to. */
export const refusalPage = (name: ProviderName, complaint: string): string =>
  document(name, `${TITLES[name]} refuses`, `<p role="alert">${complaint}.</p>`)

const document = (name: ProviderName, title: string, body: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} (fake)</title>
<style>
:root { color-scheme: light dark; --brand: ${COLOURS[name]}; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 26rem; margin: 8vh auto; padding: 0 1rem }
main { border: 1px solid #8886; border-top: 6px solid var(--brand); border-radius: 10px; padding: 1rem 1.5rem }
h1 { font-size: 1.35rem; margin: .5rem 0 }
.fake { background: #ffd54a; color: #222; border-radius: 6px; padding: .4rem .7rem; font-size: .9rem }
label { font-weight: 600 } small { display: block; opacity: .8 }
fieldset { border: 1px solid #8886; border-radius: 6px }
input:not([type=checkbox]) { display: block; width: 100%; box-sizing: border-box; font: inherit; padding: .4rem .5rem; border: 1px solid #888; border-radius: 6px }
button { font: inherit; padding: .5rem 1.2rem; border-radius: 6px; border: 1px solid var(--brand); background: var(--brand); color: #fff; cursor: pointer }
button.quiet { background: none; color: inherit; border-color: #888 }
</style>
<main>
<p class="fake">This is not ${TITLES[name]}: it replaces it during development. You are the person whose name you enter.</p>
<h1>${title}</h1>
${body}
</main>
</html>
`
