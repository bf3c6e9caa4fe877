export { type Bundle, type BundleFile, readBundle } from './bundle.ts'
export { CONTENT_SECURITY_POLICY, documentHeaders } from './policy.ts'
