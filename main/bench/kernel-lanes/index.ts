export { kernelConsent, needConsent } from './consent.ts'
export { checkKernelLanes, kernelLaneFacts, needKernelLane } from './facts.ts'
export { type KernelSession, openKernelSession } from './session.ts'
