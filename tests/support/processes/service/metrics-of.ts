import type { Service } from './start-service.ts'

type Sample = { readonly series: string; readonly value: number }

/** Everything that the service measures now, by series: the name with its labels. */
export const metricsOf = async ({
  managementUrl,
}: Pick<Service, 'managementUrl'>): Promise<readonly Sample[]> => {
  const text = await (await fetch(`${managementUrl}/metrics`)).text()
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const end = line.lastIndexOf(' ')
      return { series: line.slice(0, end), value: Number(line.slice(end + 1)) }
    })
}

/** One number; 0 when there is no such series yet. */
export const metricOf = async (
  service: Pick<Service, 'managementUrl'>,
  series: string,
): Promise<number> => (await metricsOf(service)).find((one) => one.series === series)?.value ?? 0

export const VERIFICATIONS = 'auth_password_verifications_total'
