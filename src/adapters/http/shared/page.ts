import { createHash } from 'node:crypto'

/** The look of the service, as on the example page, in light and dark. */
const STYLES = `
:root {
  color-scheme: light dark;
  font: 16px / 1.55 system-ui, sans-serif;
}
body {
  max-width: 44rem;
  margin: 0 auto;
  padding: 2rem 1rem 4rem;
  color: light-dark(#1c2230, #e8eaf0);
  background: light-dark(#f5f6fa, #12151c);
}
header, small {
  color: light-dark(#5a6275, #a4adc2);
}
main {
  margin-top: 1rem;
  padding: 1.25rem;
  border: 1px solid light-dark(#d6dae5, #343b4b);
  border-radius: 12px;
  background: light-dark(#fff, #1b202b);
}
h1 {
  margin: 0 0 0.75rem;
  font-size: 1.4rem;
}
a {
  color: light-dark(#2b4fb8, #8fabff);
}
table {
  width: 100%;
  border-collapse: collapse;
}
td {
  padding: 0.4rem 1rem 0.4rem 0;
  border-top: 1px solid light-dark(#d6dae5, #343b4b);
  vertical-align: top;
}
code, small {
  overflow-wrap: anywhere;
}
:focus-visible {
  outline: 3px solid light-dark(#2b4fb8, #8fabff);
  outline-offset: 2px;
}
`

const DIGEST = createHash('sha256').update(STYLES).digest('base64')

/** The headers of every page: it has no script, and no style but its own. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${DIGEST}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
} as const

/** A page for people. `content` is HTML, whose texts come through `inHtml`. */
export const htmlPage = (title: string, content: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${inHtml(title)} · Authentication service</title>
<link rel="icon" href="data:,">
<style>${STYLES}</style>
</head>
<body>
<header>Authentication service</header>
<main>
<h1>${inHtml(title)}</h1>
${content}
</main>
</body>
</html>
`

/** A text as HTML. What stands between backticks is code. */
export const inHtml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replace(/`([^`]*)`/g, '<code>$1</code>')
