import type { Service } from './start-service.ts'

/** The value of a metric as a monitoring system reads it; `labels` as they are written. */
export const readMetric = async (
  { managementUrl }: Pick<Service, 'managementUrl'>,
  name: string,
  labels = '',
): Promise<number> => {
  const text = await (await fetch(`${managementUrl}/metrics`)).text()
  const line = text.split('\n').find((one) => one.startsWith(`${name}${labels} `))
  if (line === undefined) throw new Error(`no metric ${name}${labels}`)
  return Number(line.split(' ').at(-1))
}
