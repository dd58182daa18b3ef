import * as z from 'zod'
import { DeploymentError, StoreError } from '../ports.ts'

/** What a request to Google was about. */
export interface Subject {
  kind: 'bucket' | 'database' | 'topic'
  name: string
  project?: string
}

/** Does something with what Google keeps; its errors are explained. */
export async function explaining<R>(subject: Subject, request: () => Promise<R>): Promise<R> {
  try {
    return await request()
  } catch (error) {
    throw explain(error, subject)
  }
}

/**
 * An error of Google's clients as a DeploymentError, if the deployment is to blame; as a StoreError BUSY where the same may succeed
 * later; any other as it is.
 */
export function explain(error: unknown, subject: Subject): unknown {
  if (!(error instanceof Error) || error instanceof DeploymentError || error instanceof StoreError)
    return error
  const refusal = refusalOf(error)
  const sentence = aboutCaller(refusal) ?? aboutProject(refusal) ?? aboutSubject(refusal, subject)
  if (sentence !== undefined) return new DeploymentError(sentence, error)
  if (refusal.status !== 'busy') return error
  return new StoreError('BUSY', `Google is too busy with the ${subject.kind} ${subject.name}.`, {
    cause: error,
  })
}

interface Refusal {
  status: 'missing' | 'denied' | 'unknown caller' | 'unready' | 'busy' | undefined
  /** In Google's words. */
  text: string
  /** Of a google.rpc.ErrorInfo, where there is one. */
  reason: string | undefined
  metadata: Record<string, string>
}

/** The codes of HTTP and those of gRPC, which are all below. */
const statuses: Readonly<Record<number, Refusal['status']>> = {
  401: 'unknown caller',
  403: 'denied',
  404: 'missing',
  5: 'missing',
  7: 'denied',
  9: 'unready',
  16: 'unknown caller',
  // DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED (too many at once change the same) and UNAVAILABLE, once the client has given up.
  4: 'busy',
  8: 'busy',
  10: 'busy',
  14: 'busy',
}

const errorInfo = z.object({
  '@type': z.literal('type.googleapis.com/google.rpc.ErrorInfo'),
  reason: z.string(),
  metadata: z.record(z.string(), z.string()).default({}),
})

const httpBody = z.object({
  error: z.object({ message: z.string(), details: z.array(z.unknown()).default([]) }),
})

const clientError = z.object({
  message: z.string(),
  code: z.number().optional().catch(undefined),
  // By gRPC.
  details: z.string().optional().catch(undefined),
  reason: z.string().optional().catch(undefined),
  errorInfoMetadata: z.record(z.string(), z.string()).optional().catch(undefined),
  // By HTTP.
  response: z.object({ body: httpBody }).optional().catch(undefined),
})

function refusalOf(error: Error): Refusal {
  const { message, code, details, reason, errorInfoMetadata, response } = clientError.parse(error)
  // An error that a watch is sent has its code in its text.
  const watched = /^Error (?<code>\d+): (?<text>.*)/s.exec(message)?.groups
  const body = response?.body.error
  const info = body?.details.map((detail) => errorInfo.safeParse(detail).data).find(Boolean)
  return {
    status: statuses[code ?? Number(watched?.['code'])],
    text: body?.message ?? details ?? watched?.['text'] ?? message,
    reason: info?.reason ?? reason,
    metadata: info?.metadata ?? errorInfoMetadata ?? {},
  }
}

/** Wrong is who asks. */
function aboutCaller({ text, status }: Refusal): string | undefined {
  if (/Could not load the default credentials|Unable to find credentials in current/.test(text))
    return 'There are no Google Cloud credentials here. A deployed function has those of its account; elsewhere run `gcloud auth application-default login`.'
  if (status === 'unknown caller' || /retrieve an access ?token/.test(text))
    return 'Google does not accept the credentials of this function: its account may be deleted or disabled. Run `terraform apply`, which makes it, or `gcloud iam service-accounts enable ACCOUNT`; outside of the cloud run `gcloud auth application-default login`.'
  if (/serviceAccounts\.signBlob|sign data without/.test(text))
    return "URLs cannot be signed: this function's account may not sign in its own name (iam.serviceAccounts.signBlob). Run `terraform apply`, which grants that, or `gcloud iam service-accounts add-iam-policy-binding ACCOUNT --member=serviceAccount:ACCOUNT --role=roles/iam.serviceAccountTokenCreator`."
  return undefined
}

/** Wrong is the project, or what it has switched on. */
function aboutProject({ text, reason = '', metadata }: Refusal): string | undefined {
  if (/detect a Project Id|without a project ID/.test(text))
    return 'It is not known which Google Cloud project this is. Set GOOGLE_CLOUD_PROJECT to its id.'
  const enable = /apis\/api\/(?<service>[\w.-]+)\/overview\?project=(?<project>[\w.:-]+)/.exec(text)?.groups
  const project = metadata['consumer']?.replace('projects/', '') ?? enable?.['project'] ?? projectIn(text)
  const service = metadata['service'] ?? enable?.['service']
  if (reason === 'SERVICE_DISABLED' || enable)
    return `The API ${service} is not enabled in the project ${project}. Run \`gcloud services enable ${service} --project=${project}\`, and wait a few minutes.`
  if (unusableProject.test(reason) || /project not found|on resource project/.test(text))
    return `There is no Google Cloud project ${project}, or this function's account may not use it. Set GOOGLE_CLOUD_PROJECT to the id of the project that was deployed to.`
  return undefined
}

const unusableProject = /^(CONSUMER_INVALID|RESOURCE_PROJECT_INVALID|USER_PROJECT_DENIED)$/

const projectIn = (text: string): string | undefined =>
  (/project=(?<id>[\w.:-]*\w)/.exec(text) ?? /\bproject '?(?<id>[\w:-]*\w)/.exec(text))?.groups?.['id']

const kinds = {
  bucket: {
    title: 'bucket',
    remedy: 'or set SOURCE_BUCKET or TARGET_BUCKET to a bucket that exists',
    role: 'what each function needs there',
  },
  database: {
    title: 'Firestore database',
    remedy: 'or set FIRESTORE_DATABASE to one that exists',
    role: 'roles/datastore.user',
  },
  topic: {
    title: 'Pub/Sub topic',
    remedy: 'or set GOOGLE_CLOUD_PROJECT to the id of the project that has it',
    role: 'roles/pubsub.publisher',
  },
} as const satisfies Record<Subject['kind'], object>

/** Wrong is the bucket, database or topic: it is not there, not ready, or not for this function. */
function aboutSubject(refusal: Refusal, subject: Subject): string | undefined {
  const { status, text } = refusal
  const { title, remedy } = kinds[subject.kind]
  const project = subject.project ?? (subject.kind === 'database' ? projectIn(text) : undefined)
  const it = `${title} ${subject.name}${project === undefined ? '' : ` in the project ${project}`}`
  if (status === 'denied') return denied(refusal, subject, it)
  if (status === 'unready' && subject.kind === 'database') return unready(text, subject, it)
  // Firestore may say nothing at all; what else it cannot find is no database.
  if (status !== 'missing' || (subject.kind === 'database' && !/^$|does not exist/.test(text)))
    return undefined
  return `There is no ${it}. Run \`terraform apply\`, which makes it, ${remedy}.`
}

function denied({ text, metadata }: Refusal, { kind }: Subject, it: string): string | undefined {
  // A limit on the rate is no right that is missing.
  if (/rate limit|quota/i.test(text)) return undefined
  const { role } = kinds[kind]
  const permission = metadata['permission'] ?? permissionIn.exec(text)?.groups?.['permission']
  if (permission === undefined)
    return `Google refuses this function the ${it}: "${firstLine(text)}". If it is a right that is missing, run \`terraform apply\`, which grants ${role}.`
  const account = /^\S+@\S+(?= does not have)/.exec(text)?.[0] ?? "This function's account"
  const unless = kind === 'bucket' ? ', unless there is no such bucket' : ''
  return `${account} lacks the permission ${permission} on the ${it}${unless}. Run \`terraform apply\`, which grants ${role}.`
}

const permissionIn = /does not have (?<permission>[\w.]+) access|Permission '(?<permission>[\w.]+)' denied/
const firstLine = (text: string): string => /^.*?(?=\.? *$)/m.exec(text)?.[0] ?? ''

function unready(text: string, { name }: Subject, it: string): string | undefined {
  if (/index is currently building/.test(text))
    return `An index of the ${it} is still being built. Wait until \`gcloud firestore indexes composite list --database=${name}\` says that it is READY.`
  if (/requires an index/.test(text))
    return `The ${it} lacks an index that a query needs. Run \`terraform apply\`, which makes those of lib/indexes.ts.`
  if (/Datastore Mode/i.test(text))
    return `The ${it} is in Datastore mode, but has to be in native mode. Set FIRESTORE_DATABASE to another name and run \`terraform apply\`.`
  return undefined
}
