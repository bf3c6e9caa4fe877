export { checkKernelLanes, kernelLaneFacts, kernelLaneTitle } from './facts.ts'
export { type KernelSession, openKernelSession } from './session.ts'
