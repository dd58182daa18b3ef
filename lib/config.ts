import * as z from 'zod'
import { tierPolicies } from './tiers/policy.ts'

const flag = z
  .enum(['0', '1'], { error: 'must be 1 (on) or 0 (off)' })
  .default('0')
  .transform((value) => value === '1')

const seconds = (byDefault: number) =>
  z.coerce
    .number({ error: 'must be a number of seconds' })
    .positive('must be more than 0 seconds')
    .default(byDefault)

const days = (byDefault: number) =>
  z.coerce
    .number({ error: 'must be a number of days' })
    .min(0, 'must be 0 days or more')
    .max(36_500, 'must be at most 36500 days')
    .default(byDefault)

const quota = (unit: string) =>
  z.coerce
    .number({ error: `must be a whole number of ${unit}, 1 or more` })
    .int(`must be a whole number of ${unit}, 1 or more`)
    .positive(`must be a whole number of ${unit}, 1 or more`)
    .optional()

const origin = z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text, {
  error: 'must be origins such as https://example.com, separated by commas, without a path',
})

const baseUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .transform((url) => url.replace(/\/+$/, ''))

const bucket = (byDefault: string) =>
  z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/,
      'must be a bucket name: 3 to 63 of a-z, 0-9, dot, dash, underscore',
    )
    .default(byDefault)

/** Every environment variable there is, with what makes it valid. README lists them with their meaning. */
const variables = {
  PLATFORM: z.enum(['local', 'gcp'], { error: 'must be local or gcp' }).default('local'),
  DATA_DIR: z.string().min(1, 'must name a folder').default('.data'),
  HOST: z.string().min(1, 'must be an address to listen on').default('127.0.0.1'),
  PORT: z.coerce
    .number({ error: 'must be a port number' })
    .int('must be a port number')
    .min(0, 'must be a port number from 1 to 65534, or 0 for any two free ones')
    .max(65534, 'must be at most 65534: the buckets listen on PORT+1')
    .default(8080),
  API_URL: baseUrl.optional(),
  BUCKET_URL: baseUrl.optional(),
  ALLOWED_ORIGINS: z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((part) => part.trim() || []))
    .pipe(z.array(origin)),
  SOURCE_BUCKET: bucket('source'),
  TARGET_BUCKET: bucket('target'),
  SOURCE_DAYS: z.coerce
    .number({ error: 'must be a number of days' })
    .positive('must be more than 0 days')
    .default(7),
  FIRESTORE_DATABASE: z
    .string()
    .regex(
      /^(\(default\)|[a-z][a-z0-9-]{2,61}[a-z0-9])$/,
      'must be the name of a Firestore database: 4 to 63 of a-z, 0-9, dash, beginning with a letter',
    )
    .default('tapedeck'),
  ADMIN_EMAIL: z
    .string()
    .regex(/^[^\s@]+@[^\s@]+$/, 'must be an e-mail address')
    .default('admin@localhost'),
  ADMIN_PASSWORD: z.string().min(8, 'must have at least 8 characters').optional(),
  SIGNING_KEY: z.string().min(1, 'must be a private Ed25519 key in PEM').optional(),
  PAGE_URL: baseUrl.default('http://127.0.0.1:8080'),
  SMTP_URL: z
    .url({
      protocol: /^smtps?$/,
      hostname: /./,
      error: 'must be an smtp or smtps URL such as smtps://name:password@host:465',
    })
    .optional(),
  MAIL_FROM: z
    .string()
    .regex(
      /^([^<>\p{Cc}]*<[^\s@<>,]+@[^\s@<>,]+>|[^\s@<>,]+@[^\s@<>,]+)$/u,
      'must be a sender such as tapes@example.com or Tapes <tapes@example.com>',
    )
    .optional(),
  WEBHOOK_ALLOW_PRIVATE: flag,
  QUOTA_STORED_BYTES: quota('bytes'),
  QUOTA_JOBS: quota('jobs'),
  QUOTA_FILE_BYTES: quota('bytes'),
  FFMPEG_PATH: z.string().min(1, 'must be the path of an ffmpeg').optional(),
  CONVERSION_CORES: z.coerce
    .number({ error: 'must be a number of cores' })
    .int('must be a whole number of cores')
    .positive('must be at least 1 core')
    .optional(),
  TIER_POLICY: z.enum(tierPolicies, { error: `must be ${tierPolicies.join(' or ')}` }).default('cost'),
  TIER_HALF_LIFE_DAYS: days(30),
  TIER_GRACE_DAYS: days(1),
  TRUSTED_PROXIES: z.coerce
    .number({ error: 'must be a number of proxies' })
    .int('must be a whole number of proxies')
    .min(0, 'must be a number of proxies, 0 or more')
    .default(0),
  CLOUD_LIKE: flag,
  LEASE_SECONDS: seconds(60),
  SWEEP_SECONDS: seconds(30),
  WORK_DEADLINE_SECONDS: z.coerce
    .number({ error: 'must be a number of seconds' })
    .positive('must be more than 0 seconds')
    .optional(),
} as const

type Variables = typeof variables
export type Variable = keyof Variables
export type Config<V extends Variable = Variable> = { [K in V]: z.output<Variables[K]> }
export const variableNames = Object.keys(variables) as Variable[]

/** Names every variable that is wrong, all at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly mistakes: string[]
  constructor(mistakes: string[]) {
    super(`The environment is not right:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`)
    this.mistakes = mistakes
  }
}

export const secretVariables: readonly Variable[] = ['ADMIN_PASSWORD', 'SIGNING_KEY', 'SMTP_URL']

/** What a function in the cloud cannot guess: no default holds there. A deployment sets those that the function reads. */
export const cloudVariables: readonly Variable[] = [
  'ALLOWED_ORIGINS',
  'SOURCE_BUCKET',
  'TARGET_BUCKET',
  'FIRESTORE_DATABASE',
  'SOURCE_DAYS',
  'ADMIN_EMAIL',
  'ADMIN_PASSWORD',
  'SIGNING_KEY',
  'PAGE_URL',
  'TRUSTED_PROXIES',
  'WORK_DEADLINE_SECONDS',
]

/** Reads these variables from the environment; an empty one counts as not set. Throws ConfigError. */
export function readConfig<V extends Variable>(
  names: readonly V[],
  env: NodeJS.ProcessEnv = process.env,
): Config<V> {
  const config: Partial<Record<Variable, unknown>> = {}
  const mistakes: string[] = []
  for (const name of names) {
    const text = env[name] === '' ? undefined : env[name]
    if (text === undefined && env['PLATFORM'] === 'gcp' && cloudVariables.includes(name)) {
      mistakes.push(`${name} must be set where PLATFORM is gcp; terraform apply sets it.`)
      continue
    }
    const result = variables[name].safeParse(text)
    if (result.success) config[name] = result.data
    else {
      const shown = secretVariables.includes(name) ? 'its value' : JSON.stringify(text)
      mistakes.push(`${name} ${result.error.issues[0]?.message ?? 'is not valid'}; ${shown} is not.`)
    }
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  // Each name of V has just been parsed by its own schema.
  return config as Config<V>
}
