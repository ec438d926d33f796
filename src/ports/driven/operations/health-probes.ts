export type Dependency = 'db' | 'redis' | 'nats'

/** Whether one dependency answers now, within a second. */
export type HealthProbe = {
  readonly name: Dependency
  readonly embedded: boolean
  isAvailable(): Promise<boolean>
}
