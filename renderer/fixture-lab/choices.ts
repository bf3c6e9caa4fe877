import {
  type AllocatorFacts,
  AllocatorName,
  type LaneFacts,
  type LaneSpec,
  POLICY_PARAMETERS,
  POOL_LANES,
  type PolicyFacts,
  PolicyName,
} from '../../main/contract/index.ts'

/** Made-up facts about every lane and policy of the contract, one lane of which this host does not have. */

const LANES: { [N in LaneSpec['lane']]: Pick<LaneFacts, 'title' | 'description'> } = {
  raw: { title: 'Plain swap', description: 'Every evicted page goes to the swap file.' },
  zcache: { title: 'zcache', description: 'Pages are compressed into a pool; writeback makes room.' },
  zswap: { title: 'zswap (today)', description: 'As Linux has it now.' },
  'zswap-2013': { title: 'zswap (2013)', description: 'As Linux 3.11 merged it, or as it was posted before.' },
  'xen-tmem': { title: 'Xen tmem', description: 'A backend that cannot call back.' },
  ramster: { title: 'RAMster', description: 'Zpages are sent on to the memory of other machines.' },
  zram: { title: 'zram', description: 'A compressed block device in RAM before the swap file.' },
  live: { title: 'zcache on live memory', description: 'Real page faults, answered by the engine.' },
  'kernel-swap': { title: "The kernel's plain swap", description: 'Swapped by this kernel to a swap file.' },
  'kernel-zswap': { title: "The kernel's zswap", description: 'Swapped by this kernel through its own zswap.' },
  'kernel-zram': { title: "The kernel's zram", description: 'Swapped by this kernel to a compressed disk in RAM.' },
}

const UNAVAILABLE = new Map([['kernel-zram', 'there is no /dev/zram0; load it: modprobe zram']])

export const laneFacts: LaneFacts[] = Object.entries(LANES).map(([lane, { title, description }]) => ({
  lane,
  title,
  description,
  needs: lane.startsWith('kernel-') ? ['root, or your consent (--privileged)'] : ['a file system with direct I/O'],
  available: !UNAVAILABLE.has(lane),
  reason: UNAVAILABLE.get(lane) ?? null,
}))

export const allocatorFacts: AllocatorFacts[] = AllocatorName.options.map((allocator) => ({
  allocator,
  title: allocator,
  description: 'Made up: the fixture packs nothing.',
  source: 'the fixture',
  maxZpageBytes: 4096,
  zpagesPerFrame: allocator === 'zsmalloc' ? null : 2,
  frameOnDemand: allocator !== 'zsmalloc',
}))

/** Every policy by its own name and with its own parameters. */
export const policyFacts: PolicyFacts[] = PolicyName.options.map((policy) => ({
  policy,
  title: policy,
  rule: 'made up: the fixture writes nothing back',
  source: 'the fixture',
  needs: [],
  parameters: [...POLICY_PARAMETERS[policy]],
  lanes: [...POOL_LANES],
}))
