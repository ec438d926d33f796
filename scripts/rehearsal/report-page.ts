import { readFileSync } from 'node:fs'
import type { ChannelSecond } from './channel-latency.ts'
import type { Findings } from './report.ts'
import { figuresOf, milliseconds } from './report.ts'
import type { ModeSwitch } from './switch-mode.ts'

const read = (address: string): string => readFileSync(new URL(address), 'utf8')
const STYLE = import.meta.resolve('uplot/dist/uPlot.min.css')
const SCRIPT = import.meta.resolve('uplot/dist/uPlot.iife.min.js')

const CHANNELS = ['nats:user.events', 'http:backend'] as const

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** The columns of the chart: the seconds, then p95 and p50 of each channel. Null: nothing was delivered in that second. */
const columnsOf = (seconds: readonly ChannelSecond[], startedAt: number) => {
  const at = (second: ChannelSecond) => Math.round((second.at - startedAt) / 1000)
  const last = Math.max(0, ...seconds.map(at))
  const xs = Array.from({ length: last + 1 }, (_, second) => second)
  const valuesOf = (channel: string, pick: (second: ChannelSecond) => number) => {
    const values = new Map(
      seconds.filter((it) => it.channel === channel).map((it) => [at(it), pick(it)]),
    )
    return xs.map((x) => values.get(x) ?? null)
  }
  return [
    xs,
    ...CHANNELS.flatMap((channel) => [
      valuesOf(channel, ({ p95 }) => p95),
      valuesOf(channel, ({ p50 }) => p50),
    ]),
  ]
}

/** One HTML page that needs no other file: a chart of the latencies of both channels with the marks, and every figure. */
export const renderReportPage = (findings: Findings, seconds: readonly ChannelSecond[]): string => {
  const { marks, checks, switches, startedAt } = findings
  const columns = columnsOf(seconds, startedAt.getTime())
  const row = (cells: readonly string[]) =>
    `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`
  const switchRow = ({ words, command, firstRouted, shownByAll }: ModeSwitch) =>
    row([words, milliseconds(command), milliseconds(firstRouted), milliseconds(shownByAll)])
  const broken = checks.filter(({ holds }) => !holds).length
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Rehearsal</title>
<style>${read(STYLE)}
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; margin: 1rem 0 2rem } td, th { padding: .2rem .9rem .2rem 0; border-bottom: 1px solid #ddd; text-align: left }
.verdict { font-size: 1.3rem } .broken { color: #b00020 } .surprise { color: #b00020 }
</style>
<h1>Migrating from HTTP calls to events, and back</h1>
<p>${escaped(startedAt.toISOString())}. Two instances, with Backend, Social and Chat as consumers, on one machine.</p>
<p class="verdict ${broken > 0 ? 'broken' : ''}">${broken === 0 ? `All ${checks.length} checks hold.` : `${broken} of ${checks.length} checks do not hold.`}</p>
<div id="chart"></div>
<table><tr><th>check</th><th>found</th><th>result</th></tr>
${checks.map(({ what, found, holds }) => row([what, found, holds ? 'holds' : 'BROKEN'])).join('\n')}</table>
<table><tr><th>figure</th><th>value</th></tr>
${figuresOf(findings).map(row).join('\n')}</table>
<table><tr><th>mode</th><th>command ended after</th><th>first change on the new route after</th><th>both instances show the mode after</th></tr>
${switches.map(switchRow).join('\n')}</table>
<ol>${marks.map(({ at, kind, text }) => `<li class="${kind}">${at.toFixed(1)} s: ${escaped(text)}</li>`).join('\n')}</ol>
<script>${read(SCRIPT)}</script>
<script>
const columns = ${JSON.stringify(columns)}
const marks = ${JSON.stringify(marks).replaceAll('<', '\\u003c')}
const COLOURS = { mode: '#555', fault: '#b00020', surprise: '#e08000' }
const drawMarks = (plot) => {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.font = '11px system-ui'
  marks.forEach(({ at, kind, text }, place) => {
    const x = plot.valToPos(at, 'x', true)
    ctx.strokeStyle = ctx.fillStyle = COLOURS[kind]
    ctx.setLineDash(kind === 'mode' ? [4, 4] : [])
    ctx.beginPath(); ctx.moveTo(x, bbox.top); ctx.lineTo(x, bbox.top + bbox.height); ctx.stroke()
    ctx.save(); ctx.translate(x + 4, bbox.top + 4); ctx.rotate(Math.PI / 2)
    ctx.textAlign = 'left'; ctx.textBaseline = 'bottom'
    ctx.fillText(text.slice(0, 60), 0, 0); ctx.restore()
  })
  ctx.restore()
}
const line = (label, stroke, dash) => ({ label, stroke, dash, width: 2, spanGaps: false, value: (_, v) => v === null ? '–' : Math.round(v) + ' ms' })
new uPlot({
  title: 'Time from commit to acknowledgement in each second (logarithmic)',
  width: Math.min(1080, document.body.clientWidth), height: 440,
  scales: { x: { time: false }, y: { distr: 3 } },
  axes: [{ label: 'seconds' }, { label: 'milliseconds', size: 70 }],
  series: [{ label: 'second' },
    line('events p95', '#1565c0'), line('events p50', '#90caf9', [3, 3]),
    line('calls p95', '#2e7d32'), line('calls p50', '#a5d6a7', [3, 3])],
  hooks: { draw: [drawMarks] },
}, columns.map((column, place) => place === 0 ? column : column.map((v) => v === null ? null : Math.max(v, 0.5))), document.getElementById('chart'))
</script>
</html>
`
}
