/** Starts swagger-ui, and gives the fields that it leaves without a name one for screen readers. */
export const DOCS_SCRIPT = `const docs = document.getElementById('docs')
const NAMES = {
  '#servers': 'Server',
  '.examples-select-element': 'Example',
  '.content-type': 'Content type',
  textarea: 'Body',
}
const nameFields = () => {
  for (const [selector, name] of Object.entries(NAMES))
    for (const field of docs.querySelectorAll(selector + ':not([aria-label])'))
      field.setAttribute('aria-label', name)
}
new MutationObserver(nameFields).observe(docs, { childList: true, subtree: true })
SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', validatorUrl: null })
`

/** Colours with enough contrast (WCAG 2.2, 1.4.3): those of swagger-ui are too pale on white. */
export const DOCS_STYLES = `.swagger-ui .opblock.opblock-get .opblock-summary-method {
  background: #1a62b0;
}

.swagger-ui .opblock.opblock-post .opblock-summary-method {
  background: #17714a;
}

.swagger-ui .opblock.opblock-put .opblock-summary-method {
  background: #985000;
}

.swagger-ui .opblock.opblock-patch .opblock-summary-method {
  background: #0f6f67;
}

.swagger-ui .opblock.opblock-delete .opblock-summary-method {
  background: #bb2430;
}

.swagger-ui .info .title small.version-stamp,
.swagger-ui .info .title small.version-stamp pre {
  background: #4b6b00;
}

.swagger-ui a,
.swagger-ui .info a,
.swagger-ui .info .base-url,
.swagger-ui .info .url {
  color: #1a5cab;
}

.swagger-ui .btn.authorize {
  border-color: #17714a;
  color: #17714a;
}

.swagger-ui .btn.authorize svg {
  fill: #17714a;
}

.swagger-ui .btn.cancel {
  border-color: #b3261e;
  color: #b3261e;
}

.swagger-ui .btn.execute {
  border-color: #1a5cab;
  background: #1a5cab;
}

.swagger-ui .parameter__in,
.swagger-ui .prop-format,
.swagger-ui .json-schema-2020-12-expand-deep-button,
.swagger-ui .json-schema-2020-12__attribute--muted {
  color: #50555c;
}

.swagger-ui .markdown code,
.swagger-ui .renderedMarkdown code {
  color: #6f10c4;
}

.swagger-ui .json-schema-2020-12__constraint--string {
  background: #855800;
}

.swagger-ui .download-contents {
  background: #50555c;
}

.swagger-ui .microlight span[style*="211, 99, 99"] {
  color: #ff9b9b !important;
}
`
