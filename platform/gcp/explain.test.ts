import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { StoreError } from '../ports.ts'
import { DeploymentError } from '../ports.ts'
import { explain, type Subject } from './explain.ts'
import { apiError, grpcError } from './testing.ts'

const bucket: Subject = { kind: 'bucket', name: 'tapedeck-source' }
const database: Subject = { kind: 'database', name: 'tapedeck' }
const topic: Subject = { kind: 'topic', name: 'work', project: 'my-project' }

/** As the client of Cloud Storage wraps what goes wrong when a URL is signed. */
const signingError = (message: string): Error => Object.assign(new Error(message), { name: 'SigningError' })

const disabled = (title: string, service: string): string =>
  `${title} has not been used in project 123456 before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/${service}/overview?project=123456 then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.`

const seeGettingStarted =
  '\nTo learn more about authentication and Google APIs, visit: \nhttps://cloud.google.com/docs/authentication/getting-started'

const noCredentials =
  'There are no Google Cloud credentials here. A deployed function has those of its account; elsewhere run `gcloud auth application-default login`.'
const badCredentials =
  'Google does not accept the credentials of this function: its account may be deleted or disabled. Run `terraform apply`, which makes it, or `gcloud iam service-accounts enable ACCOUNT`; outside of the cloud run `gcloud auth application-default login`.'
const noSigning =
  "URLs cannot be signed: this function's account may not sign in its own name (iam.serviceAccounts.signBlob). Run `terraform apply`, which grants that, or `gcloud iam service-accounts add-iam-policy-binding ACCOUNT --member=serviceAccount:ACCOUNT --role=roles/iam.serviceAccountTokenCreator`."
const noTopic =
  'There is no Pub/Sub topic work in the project my-project. Run `terraform apply`, which makes it, or set GOOGLE_CLOUD_PROJECT to the id of the project that has it.'
const noBucket =
  'There is no bucket tapedeck-source. Run `terraform apply`, which makes it, or set SOURCE_BUCKET or TARGET_BUCKET to a bucket that exists.'

const apiIsOff = (service: string, project = '123456'): string =>
  `The API ${service} is not enabled in the project ${project}. Run \`gcloud services enable ${service} --project=${project}\`, and wait a few minutes.`
const noProject = (project: string): string =>
  `There is no Google Cloud project ${project}, or this function's account may not use it. Set GOOGLE_CLOUD_PROJECT to the id of the project that was deployed to.`
const noDatabase = (where: string): string =>
  `There is no Firestore database tapedeck${where}. Run \`terraform apply\`, which makes it, or set FIRESTORE_DATABASE to one that exists.`

const noRecords =
  'Google refuses this function the Firestore database tapedeck: "Missing or insufficient permissions". If it is a right that is missing, run `terraform apply`, which grants roles/datastore.user.'

type Case = [what: string, error: Error, about: Subject, sentence: string]

const wrongCaller: Case[] = [
  [
    'no credentials',
    new Error(
      'Could not load the default credentials. Browse to https://cloud.google.com/docs/authentication/getting-started for more information.',
    ),
    bucket,
    noCredentials,
  ],
  [
    'no credentials to sign with',
    new Error(`Unable to find credentials in current environment. ${seeGettingStarted}`),
    bucket,
    noCredentials,
  ],
  [
    'no credentials, by gRPC, after a minute of trying',
    grpcError(
      4,
      'DEADLINE_EXCEEDED',
      'Total timeout of API google.pubsub.v1.Publisher exceeded 60000 milliseconds retrying error Error: 2 UNKNOWN: Getting metadata from plugin failed with error: Could not load the default credentials. Browse to https://cloud.google.com/docs/authentication/getting-started for more information.  before any response was received.',
    ),
    topic,
    noCredentials,
  ],
  ['credentials that are refused', apiError(401, 'Invalid Credentials'), bucket, badCredentials],
  [
    'credentials that are refused, by gRPC',
    grpcError(
      16,
      'UNAUTHENTICATED',
      'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
    ),
    database,
    badCredentials,
  ],
  [
    'an account that is gone',
    Object.assign(
      new Error(
        'A Not Found error was returned while attempting to retrieve an accesstoken for the Compute Engine built-in service account. This may be because the Compute Engine instance does not have any permission scopes specified: Could not refresh access token: Request failed with status code 404',
      ),
      { code: 404, status: 404 },
    ),
    bucket,
    badCredentials,
  ],
  [
    'an account that may not sign',
    signingError("Permission 'iam.serviceAccounts.signBlob' denied on resource (or it may not exist)."),
    bucket,
    noSigning,
  ],
  [
    'credentials that cannot sign',
    signingError('Cannot sign data without `client_email`.'),
    bucket,
    noSigning,
  ],
]

const wrongProject: Case[] = [
  [
    'an unknown project',
    new Error(`Unable to detect a Project Id in the current environment. ${seeGettingStarted}`),
    topic,
    'It is not known which Google Cloud project this is. Set GOOGLE_CLOUD_PROJECT to its id.',
  ],
  [
    'a project that does not exist, for Pub/Sub',
    grpcError(
      5,
      'NOT_FOUND',
      'Requested project not found or user does not have access to it (project=my-projcet). Make sure to specify the unique project identifier and not the Google Cloud Console display name.',
    ),
    topic,
    noProject('my-projcet'),
  ],
  [
    'a project that does not exist, for Firestore',
    grpcError(7, 'PERMISSION_DENIED', 'Permission denied on resource project my-projcet.', {
      reason: 'CONSUMER_INVALID',
      domain: 'googleapis.com',
      errorInfoMetadata: { service: 'firestore.googleapis.com', consumer: 'projects/my-projcet' },
    }),
    database,
    noProject('my-projcet'),
  ],
  [
    'the API of Firestore being off',
    grpcError(7, 'PERMISSION_DENIED', disabled('Cloud Firestore API', 'firestore.googleapis.com'), {
      reason: 'SERVICE_DISABLED',
      domain: 'googleapis.com',
      errorInfoMetadata: { service: 'firestore.googleapis.com', consumer: 'projects/my-project' },
    }),
    database,
    apiIsOff('firestore.googleapis.com', 'my-project'),
  ],
  [
    'the API of Pub/Sub being off, without details',
    grpcError(7, 'PERMISSION_DENIED', disabled('Cloud Pub/Sub API', 'pubsub.googleapis.com')),
    topic,
    apiIsOff('pubsub.googleapis.com'),
  ],
  [
    'the API of Cloud Storage being off',
    apiError(403, 'Access Not Configured.', [
      { '@type': 'type.googleapis.com/google.rpc.Help', links: [] },
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'SERVICE_DISABLED',
        domain: 'googleapis.com',
        metadata: { service: 'storage.googleapis.com', consumer: 'projects/123456' },
      },
    ]),
    bucket,
    apiIsOff('storage.googleapis.com'),
  ],
  [
    'the API that signs being off',
    signingError(disabled('IAM Service Account Credentials API', 'iamcredentials.googleapis.com')),
    bucket,
    apiIsOff('iamcredentials.googleapis.com'),
  ],
]

const wrongSubject: Case[] = [
  ['a missing bucket', apiError(404, 'The specified bucket does not exist.'), bucket, noBucket],
  [
    'a missing permission in a bucket',
    apiError(
      403,
      "upload@my-project.iam.gserviceaccount.com does not have storage.objects.create access to the Google Cloud Storage object. Permission 'storage.objects.create' denied on resource (or it may not exist).",
    ),
    bucket,
    'upload@my-project.iam.gserviceaccount.com lacks the permission storage.objects.create on the bucket tapedeck-source, unless there is no such bucket. Run `terraform apply`, which grants what each function needs there.',
  ],
  [
    'billing that is off',
    apiError(403, 'The billing account for the owning project is disabled in state absent'),
    bucket,
    'Google refuses this function the bucket tapedeck-source: "The billing account for the owning project is disabled in state absent". If it is a right that is missing, run `terraform apply`, which grants what each function needs there.',
  ],
  [
    'a missing database',
    grpcError(
      5,
      'NOT_FOUND',
      'The database tapedeck does not exist for project my-project Please visit https://console.cloud.google.com/datastore/setup?project=my-project to add a Cloud Datastore or Cloud Firestore database. ',
    ),
    database,
    noDatabase(' in the project my-project'),
  ],
  ['a missing database of which nothing is said', grpcError(5, 'NOT_FOUND', ''), database, noDatabase('')],
  [
    'a missing permission in a database',
    grpcError(7, 'PERMISSION_DENIED', 'Missing or insufficient permissions.'),
    database,
    noRecords,
  ],
  [
    'a missing permission, told to a watch',
    new Error('Error 7: Missing or insufficient permissions.'),
    database,
    noRecords,
  ],
  [
    'a missing index',
    grpcError(
      9,
      'FAILED_PRECONDITION',
      'The query requires an index. You can create it here: https://console.firebase.google.com/v1/r/project/my-project/firestore/databases/tapedeck/indexes?create_composite=Ck5w',
    ),
    database,
    'The Firestore database tapedeck lacks an index that a query needs. Run `terraform apply`, which makes those of lib/indexes.ts.',
  ],
  [
    'an index that is not ready',
    grpcError(
      9,
      'FAILED_PRECONDITION',
      'The query requires an index. That index is currently building and cannot be used yet. See its status here: https://console.firebase.google.com/v1/r/project/my-project/firestore/databases/tapedeck/indexes?create_composite=Ck5w',
    ),
    database,
    'An index of the Firestore database tapedeck is still being built. Wait until `gcloud firestore indexes composite list --database=tapedeck` says that it is READY.',
  ],
  [
    'a database of the other kind',
    grpcError(
      9,
      'FAILED_PRECONDITION',
      'The Cloud Firestore API is not available for Firestore in Datastore Mode database projects/my-project/databases/tapedeck.',
    ),
    database,
    'The Firestore database tapedeck is in Datastore mode, but has to be in native mode. Set FIRESTORE_DATABASE to another name and run `terraform apply`.',
  ],
  ['a missing topic', grpcError(5, 'NOT_FOUND', 'Resource not found (resource=work).'), topic, noTopic],
  [
    'a missing permission on a topic',
    grpcError(7, 'PERMISSION_DENIED', 'User not authorized to perform this action.'),
    topic,
    'Google refuses this function the Pub/Sub topic work in the project my-project: "User not authorized to perform this action". If it is a right that is missing, run `terraform apply`, which grants roles/pubsub.publisher.',
  ],
  [
    'a missing permission that is named',
    grpcError(7, 'PERMISSION_DENIED', 'User not authorized to perform this action.', {
      reason: 'IAM_PERMISSION_DENIED',
      domain: 'iam.googleapis.com',
      errorInfoMetadata: { permission: 'pubsub.topics.publish', resource: 'projects/my-project/topics/work' },
    }),
    topic,
    "This function's account lacks the permission pubsub.topics.publish on the Pub/Sub topic work in the project my-project. Run `terraform apply`, which grants roles/pubsub.publisher.",
  ],
]

describe('What is wrong with a deployment', () => {
  for (const [what, error, about, sentence] of [...wrongCaller, ...wrongProject, ...wrongSubject]) {
    it(`is told of ${what}`, () => {
      const explained = explain(error, about)
      assert.ok(explained instanceof DeploymentError)
      assert.equal(explained.message, sentence)
    })
  }

  it('comes first in what is logged, and what Google said after it', () => {
    const error = apiError(404, 'The specified bucket does not exist.')
    const explained = explain(error, bucket)
    assert.ok(explained instanceof DeploymentError)
    assert.equal(explained.cause, error)
    assert.equal(explained.stack?.split('\n')[0], `DeploymentError: ${noBucket}`)
    assert.match(explained.stack ?? '', /\nCaused by: Error: The specified bucket does not exist\.\n/)
  })

  const others: [what: string, error: unknown, about: Subject][] = [
    ['what is busy', apiError(503, 'We encountered an internal error. Please try again.'), bucket],
    ['what is asked too often', apiError(403, 'The rate limit for changes was exceeded.'), bucket],
    ['a broken connection', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }), bucket],
    [
      'a record that is not there',
      grpcError(5, 'NOT_FOUND', 'No document to update: projects/p/databases/d/documents/a/b'),
      database,
    ],
    [
      'what a store refuses',
      new StoreError('NOT_FOUND', 'There is no Could not load the default credentials.mp3.'),
      bucket,
    ],
    ['what is explained already', explain(apiError(404, 'Not Found'), bucket), bucket],
    ['what is no error', 'broken', bucket],
  ]
  for (const [what, error, about] of others) {
    it(`is not: ${what}`, () => assert.equal(explain(error, about), error))
  }
})

describe('A store is BUSY', () => {
  const busy: [what: string, error: Error, about: Subject][] = [
    ['where many at once change the same', grpcError(10, 'ABORTED', 'Too much contention.'), database],
    ['where it is out of reach', grpcError(14, 'UNAVAILABLE', 'No connection established'), topic],
    ['where it does not answer in time', grpcError(4, 'DEADLINE_EXCEEDED', 'Deadline exceeded'), database],
    ['where it is asked too often', grpcError(8, 'RESOURCE_EXHAUSTED', 'Quota exceeded.'), database],
  ]
  for (const [what, error, about] of busy)
    it(what, () => {
      const explained = explain(error, about)
      assert.ok(explained instanceof StoreError)
      assert.deepEqual([explained.code, explained.cause], ['BUSY', error])
    })
})
