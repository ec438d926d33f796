import { serve } from 'srvx/node'
import { compose } from './compose.ts'
import { run } from './lifecycle/run.ts'

await run(serve, compose)
