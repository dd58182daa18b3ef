import { chooseByDemand } from '../../lib/tiers/cost-policy.ts'
import { defaultLevels } from '../../lib/tiers/levels.ts'
import { choose, tierPolicies } from '../../lib/tiers/policy.ts'
import { autoclass } from './autoclass.ts'
import { Ledger } from './ledger.ts'
import { lifecycle, nameOf, rules } from './lifecycle.ts'
import { optimum } from './optimum.ts'
import { replay, type Settings } from './replay.ts'
import { historyOf, type History, type Trace } from './trace.ts'

/** What `tier` is set to if nobody sets anything. */
const settings: Settings = { graceDays: 1, halfLifeDays: 30 }

/** The policy by cost, with what is truly to be expected instead of an estimate. */
export const knownRates = 'cost, if rates were known'

/** A way to keep objects. */
export interface Policy {
  name: string
  /** `rule`: one that Cloud Storage has; `bound`: one that knows what nobody can. */
  kind: 'ours' | 'rule' | 'autoclass' | 'bound'
  /** Keeps one object and enters what that costs. */
  keep: (history: History, ledger: Ledger, object: number) => void
}

/** What a policy has cost with all objects of a trace. */
export interface Result {
  policy: Policy
  ledger: Ledger
}

/** The policies that are compared, the optimum last. */
export function policiesFor({ demand }: Trace): Policy[] {
  const ours = tierPolicies.map((policy): Policy => {
    const all = { ...settings, policy }
    return {
      name: policy,
      kind: 'ours',
      keep: (history, ledger) =>
        replay(history, settings, (holding) => choose(holding, defaultLevels, all), ledger),
    }
  })
  const known: Policy[] = demand
    ? [
        {
          name: knownRates,
          kind: 'bound',
          keep: (history, ledger, object) =>
            replay(history, settings, (holding, day) => chooseByDemand(holding, demand(object, day)), ledger),
        },
      ]
    : []
  return [
    ...ours,
    { name: 'Autoclass', kind: 'autoclass', keep: autoclass },
    ...rules.map((rule): Policy => {
      const keep = (history: History, ledger: Ledger): void => lifecycle(history, rule, ledger)
      return { name: nameOf(rule), kind: 'rule', keep }
    }),
    ...known,
    { name: 'optimum', kind: 'bound', keep: optimum },
  ]
}

/** Keeps all objects of a trace by each policy. */
export function simulate(trace: Trace, policies = policiesFor(trace)): Result[] {
  const results = policies.map((policy) => ({ policy, ledger: new Ledger() }))
  for (let object = 0; object < trace.bytes.length; object++) {
    const history = historyOf(trace, object)
    for (const { policy, ledger } of results) policy.keep(history, ledger, object)
  }
  return results
}
