import { serve } from 'srvx/bun'
import { compose } from './compose.ts'
import { openDemo } from './lifecycle/demo.ts'
import { run } from './lifecycle/run.ts'

await run(serve, compose, openDemo)
