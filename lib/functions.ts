/** Who may call an HTTP function: anyone, or bearers of a token. */
type Caller = 'anyone' | 'token'

export type Trigger =
  | { kind: 'http'; caller: Caller }
  | { kind: 'finalize'; bucket: 'SOURCE_BUCKET' | 'TARGET_BUCKET' }
  | { kind: 'topic'; topic: Topic; everyMinutes?: number }

export const topics = ['work', 'finished', 'accesses', 'sweep'] as const
export type Topic = (typeof topics)[number]

/** What a function's service account may do. */
export type Right =
  | 'records'
  | 'signing key'
  | 'create in source'
  | 'read source'
  | 'delete in source'
  | 'read target'
  | 'write target'
  | 'rewrite in target'
  | 'delete in target'
  | 'sign as itself'
  | 'SMTP secret'
  | `publish ${Topic}`

export interface CloudFunction {
  /** Below functions/. */
  folder: string
  trigger: Trigger
  timeoutSeconds: number
  memoryMiB: number
  cpu: number
  /** Requests that one instance takes at once. */
  concurrency: number
  maxInstances?: number
  rights: readonly Right[]
}

const transcodeRights = [
  'records',
  'read source',
  'delete in source',
  'write target',
  'publish work',
  'publish finished',
] as const satisfies Right[]

// Nothing runs on after an answer: what a request begins, a message has done.
const tierRights = ['records', 'rewrite in target', 'publish accesses'] as const satisfies Right[]

/** Every function there is. The gateway hosts what stands here, and a deployment is checked against it. */
export const functions = {
  auth: {
    folder: 'auth',
    trigger: { kind: 'http', caller: 'anyone' },
    timeoutSeconds: 30,
    memoryMiB: 512,
    cpu: 1,
    concurrency: 10,
    rights: ['records', 'signing key', 'publish finished'],
  },
  upload: {
    folder: 'upload',
    trigger: { kind: 'http', caller: 'token' },
    timeoutSeconds: 300,
    memoryMiB: 512,
    cpu: 1,
    concurrency: 20,
    rights: ['records', 'create in source', 'publish sweep'],
  },
  transcode: {
    folder: 'transcode',
    trigger: { kind: 'finalize', bucket: 'SOURCE_BUCKET' },
    timeoutSeconds: 540,
    memoryMiB: 2048,
    cpu: 2,
    concurrency: 1,
    rights: transcodeRights,
  },
  work: {
    folder: 'transcode',
    trigger: { kind: 'topic', topic: 'work' },
    timeoutSeconds: 540,
    memoryMiB: 2048,
    cpu: 2,
    concurrency: 1,
    rights: transcodeRights,
  },
  status: {
    folder: 'status',
    trigger: { kind: 'http', caller: 'token' },
    timeoutSeconds: 3600,
    memoryMiB: 512,
    cpu: 1,
    concurrency: 200,
    rights: ['records', 'publish work', 'publish finished', 'publish sweep'],
  },
  download: {
    folder: 'download',
    trigger: { kind: 'http', caller: 'token' },
    timeoutSeconds: 300,
    memoryMiB: 512,
    cpu: 1,
    concurrency: 50,
    rights: ['records', 'read target', 'sign as itself', 'publish accesses'],
  },
  tier: {
    folder: 'tier',
    trigger: { kind: 'topic', topic: 'accesses' },
    timeoutSeconds: 300,
    memoryMiB: 512,
    cpu: 1,
    concurrency: 20,
    rights: tierRights,
  },
  levels: {
    folder: 'tier',
    trigger: { kind: 'http', caller: 'token' },
    timeoutSeconds: 60,
    memoryMiB: 512,
    cpu: 1,
    concurrency: 20,
    rights: tierRights,
  },
  notify: {
    folder: 'notify',
    trigger: { kind: 'topic', topic: 'finished' },
    timeoutSeconds: 60,
    memoryMiB: 256,
    cpu: 1,
    concurrency: 20,
    rights: ['records', 'SMTP secret'],
  },
  sweep: {
    folder: 'sweep',
    trigger: { kind: 'topic', topic: 'sweep', everyMinutes: 5 },
    timeoutSeconds: 300,
    memoryMiB: 512,
    cpu: 1,
    concurrency: 1,
    maxInstances: 1,
    rights: [
      'records',
      'delete in source',
      'delete in target',
      'publish work',
      'publish finished',
      'publish accesses',
    ],
  },
} as const satisfies Record<string, CloudFunction>

export type FunctionName = keyof typeof functions
