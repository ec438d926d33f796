import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Fault } from './lies.ts'

const CHUNK = Buffer.alloc(1_000_000, 'x')
const CHUNKS = 50

/** Treats a call as a provider on a bad day would. */
export const suffer = async (fault: Fault, response: ServerResponse): Promise<void> => {
  switch (fault.kind) {
    case 'closed':
      response.socket?.destroy()
      return
    case 'silent':
      return
    case 'stalled':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '4096' })
      response.write('{')
      return
    case 'status':
      response
        .writeHead(fault.status, { 'content-type': 'text/plain' })
        .end('Something went wrong.')
      return
    case 'html':
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!doctype html><title>Maintenance</title><p>We will be back soon.')
      return
    case 'cut-json':
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"access_token":"abc","id_')
      return
    case 'huge':
      return pour(response)
    case 'redirect':
      response.writeHead(302, { location: fault.to }).end()
      return
    case 'json':
      response
        .writeHead(fault.status, { 'content-type': 'application/json' })
        .end(JSON.stringify(fault.body))
  }
}

/** As fast as it is read, and no longer than somebody reads. */
const pour = async (response: ServerResponse): Promise<void> => {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.write('{"padding":"')
  for (let chunk = 0; chunk < CHUNKS && !response.destroyed; chunk += 1) {
    const isTaken = response.write(CHUNK)
    while (!isTaken && response.writableNeedDrain && !response.destroyed) await pause(5)
  }
  if (!response.destroyed) response.end('"}')
}
