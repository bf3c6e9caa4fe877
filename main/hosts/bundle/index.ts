export { type Bundle, readBundle } from './bundle.ts'
export { CONTENT_SECURITY_POLICY, documentHeaders } from './policy.ts'
