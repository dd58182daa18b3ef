import assert from 'node:assert/strict'
import { glob, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { cloudVariables, ConfigError, readConfig, variableNames, type Variable } from '../../lib/config.ts'
import { exposedHeaders } from '../../lib/exposed-headers.ts'
import { functions, type CloudFunction, type Right } from '../../lib/functions.ts'
import { indexes, timesToLive } from '../../lib/indexes.ts'
import { partsPrefix } from '../../lib/jobs/names.ts'
import { uploadSeconds } from '../../lib/jobs/begin.ts'
import { jobErrorCodes } from '../../lib/problems.ts'
import { tierPolicies } from '../../lib/tiers/policy.ts'
import { bundleFolder } from '../build/bundle.ts'
import { describeDeployment, type Deployment } from '../build/deployment.ts'
import { root } from '../build/root.ts'
import { settings } from '../build/testing.ts'
import { variablesIn } from '../build/variables.ts'
import { evaluateLocals, skipWithoutTerraform } from './testing.ts'

const rows = Object.entries<CloudFunction>(functions)
const folders = [...new Set(rows.map(([, row]) => row.folder))]

const read = (file: string): Promise<string> => readFile(join(import.meta.dirname, file), 'utf8')

/** The inside of a top-level block, in a file that `terraform fmt` has formatted. */
async function block(file: string, head: string): Promise<string> {
  const text = await read(file)
  const inside = text.split(`\n${head} {\n`)[1]?.split('\n}\n')[0]
  assert.ok(inside, `${file} has no ${head}`)
  return inside
}

interface Locals {
  functions: Deployment['functions']
  environments: Record<string, Record<string, string>>
  secret_environments: Record<string, string[]>
  unset_variables: string[]
  framework_settings: Record<string, string>
  unknown_variables: Record<string, string[]>
  unknown_rights: Record<string, string[]>
  forbidden_secrets: Record<string, string[]>
  secret_rights: Record<string, string[]>
  bucket_rights: Record<string, { bucket: string; role: string; below: string }[]>
  bucket_grants: Record<string, { folder: string; bucket: string; role: string; below: string }>
  topic_grants: Record<string, { folder: string; topic: string }>
  secret_grants: Record<string, { folder: string; secret: string }>
  record_grants: string[]
  signer_grants: string[]
  indexes: Record<string, Deployment['indexes'][number]>
  cors_headers: string[]
}

describe('The Terraform configuration', { skip: skipWithoutTerraform }, () => {
  let buildDir: string
  let deployment: Deployment
  let locals: Locals
  before(async () => {
    buildDir = await mkdtemp(join(tmpdir(), 'tapedeck-build-'))
    const variables = new Map<string, Variable[]>()
    for (const folder of folders) {
      const rights = rows.flatMap(([, row]) => (row.folder === folder ? row.rights : []))
      const { modules } = await bundleFolder(folder, rights)
      variables.set(folder, await variablesIn(modules))
    }
    deployment = describeDeployment(variables)
    await writeFile(join(buildDir, 'deployment.json'), JSON.stringify(deployment))
    locals = await evaluateLocals<Locals>(
      [
        'functions',
        'environments',
        'secret_environments',
        'unset_variables',
        'framework_settings',
        'unknown_variables',
        'unknown_rights',
        'forbidden_secrets',
        'secret_rights',
        'bucket_rights',
        'bucket_grants',
        'topic_grants',
        'secret_grants',
        'record_grants',
        'signer_grants',
        'indexes',
        'cors_headers',
      ],
      buildDir,
    )
  })
  after(() => rm(buildDir, { recursive: true }))

  it('takes every row of the table as it is', async () => {
    for (const [name, row] of rows) {
      const variables = deployment.functions[name]?.variables
      assert.deepEqual(locals.functions[name], { ...row, variables }, name)
    }
    assert.equal(Object.keys(locals.functions).length, rows.length)
    const deployed = await block('functions.tf', 'resource "google_cloudfunctions2_function" "all"')
    assert.match(deployed, /^ {2}for_each = local\.functions$/m)
    assert.doesNotMatch(deployed, /ignore_changes/)
    for (const [argument, field] of [
      ['timeout_seconds', 'each.value.timeoutSeconds'],
      ['available_memory', '"${each.value.memoryMiB}Mi"'],
      ['available_cpu', 'tostring(each.value.cpu)'],
      ['max_instance_request_concurrency', 'each.value.concurrency'],
      ['max_instance_count', 'try(each.value.maxInstances, var.max_instances)'],
      ['entry_point', 'each.key'],
      ['environment_variables', 'local.environments[each.key]'],
    ]) {
      const lines = deployed.split('\n').map((line) => line.trim().replace(/ +/g, ' '))
      assert.ok(lines.includes(`${argument} = ${field}`), `${argument} does not come from its row`)
    }
  })

  it('deploys no function by any other way', async () => {
    for await (const file of glob('*.tf', { cwd: import.meta.dirname })) {
      const found =
        (await read(file)).match(/^resource "google_(cloudfunctions|cloud_run_v2_service")/gm) ?? []
      assert.equal(found.length, file === 'functions.tf' ? 1 : 0, file)
    }
  })

  it('has a role for every right, and for no others', () => {
    for (const [name] of rows) {
      assert.deepEqual(locals.unknown_rights[name], [], name)
      assert.deepEqual(locals.forbidden_secrets[name], [], name)
    }
    const rights = new Set<string>(rows.flatMap(([, row]) => row.rights))
    for (const [right, roles] of Object.entries(locals.bucket_rights)) {
      assert.ok(rights.has(right), `no function has the right ${right}`)
      assert.ok(roles.length > 0, right)
      for (const { bucket } of roles) assert.ok(right.endsWith(bucket), `${right} is given in ${bucket}`)
    }
  })

  for (const folder of folders) {
    it(`gives the account of ${folder} what its rights say, and no more`, () => {
      const rights = [...new Set(rows.flatMap(([, row]) => (row.folder === folder ? row.rights : [])))]
      const has = (right: Right): boolean => rights.includes(right)
      assert.equal(locals.record_grants.includes(folder), has('records'))
      assert.equal(locals.signer_grants.includes(folder), has('sign as itself'))
      const topics = Object.values(locals.topic_grants).flatMap((grant) =>
        grant.folder === folder ? `publish ${grant.topic}` : [],
      )
      assert.deepEqual(topics.toSorted(), rights.filter((right) => right.startsWith('publish ')).toSorted())
      const secrets = Object.values(locals.secret_grants).flatMap((grant) =>
        grant.folder === folder ? grant.secret : [],
      )
      assert.deepEqual(
        secrets.toSorted(),
        rights.flatMap((right) => locals.secret_rights[right] ?? []).toSorted(),
      )
      const accesses = Object.values(locals.bucket_grants).flatMap(({ folder: whose, ...access }) =>
        whose === folder ? JSON.stringify(access) : [],
      )
      const expected = rights
        .flatMap((right) => locals.bucket_rights[right] ?? [])
        .map((access) => JSON.stringify(access))
      assert.deepEqual(new Set(accesses), new Set(expected))
    })
  }

  for (const [name] of rows) {
    it(`sets what ${name} reads, and nothing else, to values that the code accepts`, () => {
      const reads = deployment.functions[name]?.variables ?? []
      const environment = locals.environments[name] ?? {}
      const secrets = locals.secret_environments[name] ?? []
      assert.deepEqual(locals.unknown_variables[name], [])
      const others = Object.keys(environment).filter((variable) => !(variable in locals.framework_settings))
      assert.deepEqual(
        [...others, ...secrets].toSorted(),
        reads.filter((variable) => !locals.unset_variables.includes(variable)).toSorted(),
      )
      const values = Object.fromEntries(secrets.map((secret) => [secret, settings[secret as Variable]]))
      assert.equal(
        readConfig(reads.includes('PLATFORM') ? reads : [], { ...environment, ...values }).PLATFORM,
        'gcp',
      )
    })
  }

  it('takes for tiers what the code takes', async () => {
    const tiers = await block('variables.tf', 'variable "tiers"')
    const policies = /contains\(\[([^\]]+)\]/.exec(tiers)?.[1]?.match(/\w+/g) ?? []
    assert.deepEqual(policies.toSorted(), tierPolicies.toSorted())
    const [, least = '', most = ''] = /days >= (\d+) && days <= (\d+)/.exec(tiers) ?? []
    for (const name of ['TIER_HALF_LIFE_DAYS', 'TIER_GRACE_DAYS'] as const) {
      for (const days of [least, most])
        assert.equal(readConfig([name], { [name]: days })[name], Number(days), `${name} ${days}`)
      for (const days of [Number(least) - 1, Number(most) + 1])
        assert.throws(() => readConfig([name], { [name]: `${days}` }), ConfigError, `${name} ${days}`)
    }
  })

  it('leaves no variable unset that has no default in the cloud', () => {
    for (const variable of locals.unset_variables) {
      assert.ok(
        variableNames.some((name) => name === variable),
        variable,
      )
      assert.ok(!cloudVariables.some((name) => name === variable), variable)
    }
  })

  it('has what a worker needs to hand its work back before the platform closes its request', () => {
    for (const [name, row] of rows) {
      const deadline = locals.environments[name]?.['WORK_DEADLINE_SECONDS']
      if (deadline !== undefined) assert.equal(Number(deadline), row.timeoutSeconds - 60, name)
    }
    assert.equal(locals.environments['transcode']?.['WORK_DEADLINE_SECONDS'], '480')
  })

  it('makes every index that Firestore does not make by itself, and every time to live', async () => {
    const byFields = (list: Deployment['indexes']): string[] =>
      list.map((index) => JSON.stringify(index)).toSorted()
    const composite = indexes.filter(({ fields }) => fields.length > 1)
    assert.deepEqual(
      byFields(Object.values(locals.indexes)),
      byFields(composite.map(({ collection, fields }) => ({ collection, fields }))),
    )
    assert.match(
      await block('records.tf', 'resource "google_firestore_index" "all"'),
      /^ {2}for_each = local\.indexes$/m,
    )
    assert.deepEqual(deployment.timesToLive, timesToLive)
    const field = await block('records.tf', 'resource "google_firestore_field" "time_to_live"')
    assert.match(field, /^ {2}for_each = local\.deployment\.timesToLive$/m)
    assert.match(field, /^ {2}ttl_config \{/m)
  })

  it('lets pages read the headers of both buckets that they need', async () => {
    for (const header of exposedHeaders) assert.ok(locals.cors_headers.includes(header), header)
    for (const bucket of ['source', 'target']) {
      const text = await block('buckets.tf', `resource "google_storage_bucket" "${bucket}"`)
      assert.match(text, /^ {4}response_header = local\.cors_headers$/m)
    }
  })

  it('knows where the code puts its parts', async () => {
    const [below] = partsPrefix('id').split('id')
    const target = await block('buckets.tf', 'resource "google_storage_bucket" "target"')
    assert.match(target, new RegExp(`matches_prefix = \\["${below}"\\]`))
    assert.deepEqual(
      new Set(locals.bucket_rights['write target']?.map((role) => role.below)),
      new Set(['', below]),
    )
  })

  it('deletes no source before its time: longer after it than an upload session lives', async () => {
    const source = await block('buckets.tf', 'resource "google_storage_bucket" "source"')
    const days = Number(/age = ceil\(var\.source_days\) \+ (\d+)/.exec(source)?.[1])
    assert.ok(days * 24 * 60 * 60 > uploadSeconds.session, `${days} days`)
  })

  it('counts lines that the code logs, with codes that it knows', async () => {
    const alerts = await block('alerts.tf', 'locals')
    const messages = [...alerts.matchAll(/message = "([^"]+)"/g)].map(([, message = '']) => message)
    assert.ok(messages.length >= 3)
    let code = ''
    for await (const file of glob('{functions,lib}/**/*.ts', { cwd: root }))
      if (!file.endsWith('.test.ts')) code += await readFile(join(root, file), 'utf8')
    for (const message of messages) assert.ok(code.includes(message), `nothing logs "${message}"`)
    const codes = /our_codes = \[([^\]]+)\]/.exec(alerts)?.[1]?.match(/\w+/g) ?? []
    assert.ok(codes.length > 0)
    for (const known of codes)
      assert.ok(
        jobErrorCodes.some((name) => name === known),
        known,
      )
  })
})
