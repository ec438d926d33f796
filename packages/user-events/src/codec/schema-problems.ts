/** The keywords of JSON Schema 2020-12 that the contract uses. Of `format` only `uuid` and `date-time` are checked. */
export type ValueSchema = {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: ValueSchema
  readonly maxItems?: number
  readonly uniqueItems?: boolean
}
export type BodySchema = {
  readonly required: readonly string[]
  readonly properties: Readonly<Record<string, ValueSchema>>
}

/**
 * Where a body breaks the schema, by field; empty when it does not. Fields that the schema does not know are allowed. The
 * sentences contain no values, because values are personal data.
 */
export const schemaProblems = (schema: BodySchema, body: unknown): string[] => {
  if (!isObject(body)) return ['the body is not a JSON object']
  const missing = schema.required.filter((field) => !Object.hasOwn(body, field))
  const present = Object.entries(schema.properties).filter(([field]) => Object.hasOwn(body, field))
  return [
    ...missing.map((field) => `${field} is missing`),
    ...present.flatMap(([field, wanted]) => {
      const problem = valueProblem(wanted, body[field])
      return problem === null ? [] : [`${field} ${problem}`]
    }),
  ]
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const valueProblem = (schema: ValueSchema, value: unknown): string | null => {
  if (schema.const !== undefined && value !== schema.const)
    return `must be ${JSON.stringify(schema.const)}`
  if (schema.enum !== undefined && !schema.enum.includes(value))
    return `must be one of ${schema.enum.join(', ')}`
  const types = [schema.type ?? []].flat()
  if (types.length > 0 && !types.some((type) => isOfType(type, value)))
    return `must be ${types.join(' or ')}`
  if (typeof value === 'string') return textProblem(schema, value)
  if (typeof value === 'number') return numberProblem(schema, value)
  return Array.isArray(value) ? listProblem(schema, value) : null
}

const isOfType = (type: string, value: unknown): boolean => {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'integer') return Number.isInteger(value)
  return typeof value === type
}

const DATE_TIME =
  /^(\d{4})-(\d{2})-(\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

/**
 * A time of RFC 3339 in the years 1 to 9999. It has no leap second, which most languages cannot read. `Date.parse` is no help:
 * runtimes differ on 30 February, and hour 24 is a time to it.
 */
const isDateTime = (text: string): boolean => {
  const [, year, month, day] = DATE_TIME.exec(text)?.map(Number) ?? []
  if (!year || !month || !day) return false
  const date = new Date(Date.UTC(2000, month - 1, day))
  // `Date.UTC` takes the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, month - 1, day)
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  uuid: (text) => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text),
  'date-time': isDateTime,
}

const textProblem = (schema: ValueSchema, text: string): string | null => {
  // JSON Schema counts characters, not UTF-16 units.
  const length = [...text].length
  if (length < (schema.minLength ?? 0)) return `is shorter than ${schema.minLength}`
  if (length > (schema.maxLength ?? length)) return `is longer than ${schema.maxLength}`
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(text))
    return `does not match ${schema.pattern}`
  return (FORMATS[schema.format ?? '']?.(text) ?? true) ? null : `is not a ${schema.format}`
}

const numberProblem = ({ minimum, maximum }: ValueSchema, value: number): string | null => {
  if (value < (minimum ?? value)) return `is less than ${minimum}`
  return value > (maximum ?? value) ? `is more than ${maximum}` : null
}

const listProblem = (schema: ValueSchema, list: readonly unknown[]): string | null => {
  if (list.length > (schema.maxItems ?? list.length))
    return `has more than ${schema.maxItems} items`
  if (schema.uniqueItems === true && new Set(list).size < list.length) return 'names one item twice'
  const { items } = schema
  const problem = items && list.map((item) => valueProblem(items, item)).find((it) => it !== null)
  return problem ? `holds something that ${problem}` : null
}
