export { kernelConsent, needConsent } from './consent.ts'
export { checkKernelLanes, kernelLaneFacts, kernelLaneTitle, needKernelLane } from './facts.ts'
export { type KernelSession, openKernelSession } from './session.ts'
