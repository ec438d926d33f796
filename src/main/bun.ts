import { serve } from 'srvx/bun'
import { compose } from './compose.ts'
import { openDemo } from './demo.ts'
import { run } from './run.ts'

await run(serve, compose, openDemo)
