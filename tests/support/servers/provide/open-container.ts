import type { StartedNetwork, StartedTestContainer } from 'testcontainers'
import { GenericContainer, getContainerRuntimeClient, ImageName, Wait } from 'testcontainers'
import { runName } from '../../processes/test-run/test-run.ts'
import { eventually } from '../../processes/timing/eventually.ts'
import type { Running } from './server.ts'

// What testcontainers starts for clearing up is an image of its own and does not work on Bun; we clear up by label.
Object.assign(process.env, { TESTCONTAINERS_RYUK_DISABLED: 'true' })

export type ContainerCommand = {
  readonly image: string
  readonly args: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly files?: readonly { readonly target: string; readonly content: string }[]
  /** Where it listens inside, and where that is found on 127.0.0.1. */
  readonly port: { readonly inside: number; readonly outside: number }
  readonly network?: { readonly network: StartedNetwork; readonly alias: string }
  /** What it logs once it is ready. */
  readonly ready: RegExp
  /** Resolves once it answers. */
  readonly answers: () => Promise<unknown>
}

const LABEL = 'auth-service.test-run'

/** A container as a server; not started yet. */
export const openContainer = (command: ContainerCommand): Running => {
  let started: StartedTestContainer | null = null
  const container = async () => {
    if (started === null) throw new Error(`${command.image} was never started`)
    return (await getContainerRuntimeClient()).container.getById(started.getId())
  }
  const state = async () => (await (await container()).inspect()).State
  const thaw = async () => {
    if ((await state()).Paused) await (await container()).unpause()
  }
  return {
    start: async () => {
      if (started === null) started = await create(command)
      else await (await container()).start()
      await eventually(`an answer of ${command.image}`, 60, command.answers)
    },
    stop: async () => {
      await thaw()
      if ((await state()).Running) await (await container()).stop({ t: 30 })
    },
    kill: async () => {
      await thaw()
      const running = (await state()).Running
      if (running) await (await container()).kill({ signal: 'SIGKILL' })
      if (running) await (await container()).wait()
    },
    freeze: async () => (await container()).pause(),
    thaw,
    remove: async () => {
      if (started !== null) await (await container()).remove({ force: true, v: true })
      started = null
    },
  }
}

const create = ({ port, environment = {}, network, ...command }: ContainerCommand) => {
  const made = new LoopbackContainer(command.image)
    .withLabels({ [LABEL]: runName() })
    .withCommand([...command.args])
    .withEnvironment({ ...environment })
    .withCopyContentToContainer([...(command.files ?? [])])
    .publishing(port)
    .withWaitStrategy(Wait.forLogMessage(command.ready))
    .withStartupTimeout(60_000)
  if (network !== undefined) made.withNetwork(network.network).withNetworkAliases(network.alias)
  return made.start()
}

/** testcontainers publishes ports on every interface, where a server that asks for no password must not be. */
class LoopbackContainer extends GenericContainer {
  publishing({ inside, outside }: ContainerCommand['port']): this {
    this.withExposedPorts({ container: inside, host: outside })
    this.hostConfig.PortBindings = {
      [`${inside}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: String(outside) }],
    }
    return this
  }
}

/**
 * Null when a Docker engine answers and publishes ports on our loopback address. Otherwise the reason. Inside a container
 * testcontainers assumes that the engine runs on the host; set TESTCONTAINERS_HOST_OVERRIDE if it does not.
 */
export const whyNoEngine = async (): Promise<string | null> => {
  try {
    const { host } = (await getContainerRuntimeClient()).info.containerRuntime
    const local = host === 'localhost' || host === '127.0.0.1'
    return local ? null : `the Docker engine publishes on ${host}, not on 127.0.0.1`
  } catch {
    return 'no Docker engine answers'
  }
}

/** Null when the image is here, or comes within three minutes; else why not. */
export const whyNoImage = async (image: string): Promise<string | null> => {
  const { image: images } = await getContainerRuntimeClient()
  const name = ImageName.fromString(image)
  if (await images.exists(name)) return null
  const tooSlow = Bun.sleep(180_000).then(() => Promise.reject(new Error('too slow')))
  try {
    await Promise.race([images.pull(name), tooSlow])
    return null
  } catch (fault) {
    return fault instanceof Error ? (fault.message.split('\n')[0] ?? '') : String(fault)
  }
}

/** Removes what a killed process of this run left. */
export const removeContainersOfRun = async (): Promise<void> => {
  const { container } = await getContainerRuntimeClient()
  const left = await container.dockerode.listContainers({
    all: true,
    filters: { label: [`${LABEL}=${runName()}`] },
  })
  for (const { Id } of left) await container.getById(Id).remove({ force: true, v: true })
}
