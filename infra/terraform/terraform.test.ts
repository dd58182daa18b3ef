import assert from 'node:assert/strict'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { build } from '../build/build.ts'
import type { Deployment } from '../build/deployment.ts'
import {
  skipWithoutProviders,
  skipWithoutTerraform,
  terraform,
  terraformOutput,
  variables,
  withMail,
  type Run,
} from './testing.ts'

describe('The Terraform files', { skip: skipWithoutTerraform }, () => {
  it('are formatted', async () => {
    const { code, text } = await terraform(['fmt', '-check', '-recursive', '-diff'])
    assert.equal(code, 0, `terraform fmt -recursive infra/terraform mends this:\n${text}`)
  })
})

describe('The Terraform configuration with its providers', { skip: skipWithoutProviders }, () => {
  let place: string
  let dist: string
  before(async () => {
    place = await mkdtemp(join(tmpdir(), 'tapedeck-terraform-'))
    dist = join(place, 'dist')
    await build(dist)
  })
  after(() => rm(place, { recursive: true }))

  /** A plan for an empty project, by the real providers. */
  const plan = (buildDir: string, ...args: string[]): Promise<Run> =>
    terraform([
      'plan',
      '-no-color',
      '-input=false',
      '-lock=false',
      `-state=${join(place, 'state')}`,
      ...variables(buildDir),
      ...args,
    ])

  it('is valid', async () => {
    const { code, text } = await terraform(['validate', '-no-color'])
    assert.equal(code, 0, text)
  })

  it('passes its tests, on what npm run build makes', async () => {
    const { code, text } = await terraform(['test', '-no-color', ...variables(dist)])
    assert.equal(code, 0, text)
    assert.match(text, /Success! [1-9]\d* passed, 0 failed/)
  })

  describe('planned for a new project, with all that can be asked for', () => {
    let resources: { address: string; type: string; values: Record<string, unknown> }[]
    before(async () => {
      const file = join(place, 'plan')
      const { code, text } = await plan(
        dist,
        `-out=${file}`,
        '-var=alert_email=ops@example.com',
        '-var=billing_account=01AB23-CD45EF-67890A',
        ...withMail,
      )
      assert.equal(code, 0, text)
      const shown = JSON.parse(await terraformOutput(['show', '-json', file])) as {
        planned_values: { root_module: { resources: typeof resources } }
      }
      ;({ resources } = shown.planned_values.root_module)
    })

    const membersOf = ({ values }: (typeof resources)[number]): unknown[] => [
      ...(Array.isArray(values['members']) ? (values['members'] as unknown[]) : []),
      values['member'],
    ]

    it('gives nobody a primitive role, or one that administers', () => {
      const given = resources.filter(({ values }) => 'role' in values)
      assert.ok(given.length > 20)
      for (const { address, values } of given)
        assert.doesNotMatch(String(values['role']), /^roles\/(owner|editor|viewer|.*[aA]dmin)$/, address)
    })

    it('lets everybody in at the HTTP functions and the page, and nowhere else', () => {
      const open = resources.filter((resource) =>
        membersOf(resource).some((member) => member === 'allUsers' || member === 'allAuthenticatedUsers'),
      )
      assert.deepEqual(
        open.map(({ address }) => address).toSorted(),
        [
          ...['auth', 'download', 'levels', 'status', 'upload'].map(
            (name) => `google_cloud_run_v2_service_iam_binding.callers["${name}"]`,
          ),
          'google_storage_bucket_iam_member.page_readers',
        ].toSorted(),
      )
    })

    it('makes no key file, and keeps no secret', () => {
      assert.doesNotMatch(JSON.stringify(resources), /name:secret@/)
      assert.deepEqual(
        resources.filter(({ type }) => /service_account_key|random_password|tls_private_key/.test(type)),
        [],
      )
    })
  })

  describe('on a project where nothing is yet', () => {
    let next: Map<string, Set<string>>
    before(async () => {
      next = new Map()
      for (const [, from = '', to = ''] of (await terraformOutput(['graph'])).matchAll(
        /"([^"]+)" -> "([^"]+)"/g,
      ))
        next.set(from, (next.get(from) ?? new Set()).add(to))
    })

    /** Whether `from` is made after `to`. */
    function waitsFor(from: string, to: string, seen = new Set<string>()): boolean {
      if (from === to) return true
      if (seen.has(from)) return false
      seen.add(from)
      return [...(next.get(from) ?? [])].some((between) => waitsFor(between, to, seen))
    }

    it('makes everything after its API', () => {
      const made = [...next.keys()].filter((name) => name.startsWith('google_'))
      assert.ok(made.length > 30)
      for (const name of made) assert.ok(waitsFor(name, 'time_sleep.apis'), name)
      for (const name of [...next.keys()].filter((name) => name.startsWith('data.')))
        assert.ok(waitsFor(name, 'time_sleep.first_apis') && !waitsFor(name, 'time_sleep.apis'), name)
    })

    it('makes functions after all permissions are known, but for those on the functions themselves', () => {
      const functions = 'google_cloudfunctions2_function.all'
      const permissions = [...next.keys()].filter((name) => /_iam_(member|binding)\./.test(name))
      const later = permissions.filter((name) => !waitsFor('time_sleep.permissions', name))
      assert.deepEqual(later.toSorted(), [
        'google_cloud_run_v2_service_iam_binding.callers',
        'google_storage_bucket_iam_member.page_readers',
      ])
      assert.ok(waitsFor(functions, 'time_sleep.permissions'))
      for (const name of [
        'google_firestore_index.all',
        'google_secret_manager_secret_version.all',
        'google_eventarc_channel.first',
      ])
        assert.ok(waitsFor(functions, name), name)
    })

    it('makes alerts after there is something to look at', () => {
      assert.ok(waitsFor('google_monitoring_alert_policy.logs', 'time_sleep.metrics'))
      assert.ok(waitsFor('time_sleep.metrics', 'google_logging_metric.all'))
    })
  })

  describe('planned for a table', () => {
    async function planWith(edit: (deployment: Deployment) => object): Promise<Run> {
      const changed = join(place, 'changed')
      await cp(dist, changed, { recursive: true })
      const file = join(changed, 'deployment.json')
      const deployment = JSON.parse(await readFile(file, 'utf8')) as Deployment
      await writeFile(file, JSON.stringify(edit(deployment)))
      return plan(changed)
    }

    /** One more row, like that of sweep but for what is said here. */
    const withRow = (row: object) => (deployment: Deployment) => ({
      ...deployment,
      functions: { ...deployment.functions, almanac: { ...deployment.functions['sweep'], ...row } },
    })

    async function refused(edit: (deployment: Deployment) => object): Promise<string> {
      const { code, text } = await planWith(edit)
      assert.equal(code, 1, text)
      return text.replace(/\s+/g, ' ')
    }

    it('takes a new row, with rights and variables that there are', async () => {
      const trigger = { kind: 'topic', topic: 'accesses' }
      const { code, text } = await planWith(withRow({ trigger, rights: ['records', 'read target'] }))
      assert.equal(code, 0, text)
      assert.match(text, /google_cloudfunctions2_function\.all\["almanac"\] will be created/)
    })

    it('refuses a right that it does not know', async () => {
      const text = await refused(withRow({ rights: ['records', 'watch the moon'] }))
      assert.match(
        text,
        /The function almanac has a right without a role: watch the moon\. Say in rights\.tf what/,
      )
    })

    it('refuses a variable that it does not know', async () => {
      const text = await refused(withRow({ variables: ['PLATFORM', 'MOON_PHASE'] }))
      assert.match(
        text,
        /The function almanac reads a variable that nobody sets: MOON_PHASE\. Set it in settings\.tf/,
      )
    })

    it('refuses a secret to which no right entitles', async () => {
      const text = await refused(withRow({ variables: ['PLATFORM', 'SIGNING_KEY'] }))
      assert.match(
        text,
        /The function almanac reads a secret to which none of its rights entitles it: SIGNING_KEY\./,
      )
    })

    it('refuses a secret that has no value', async () => {
      const text = await refused((table) => ({
        ...table,
        secretVariables: [...table.secretVariables, 'MOON_KEY'],
      }))
      assert.match(text, /The code reads the secret MOON_KEY, for which secrets\.tf has no value\./)
    })

    it('refuses a trigger that it does not know', async () => {
      const text = await refused(withRow({ trigger: { kind: 'moonrise' } }))
      assert.match(text, /The function almanac has a trigger that functions\.tf does not know: moonrise\./)
    })
  })
})
