export { type Bundle, type BundleFile, MAX_BUNDLE_BYTES, readBundle } from './bundle.ts'
export { CONTENT_SECURITY_POLICY, documentHeaders } from './policy.ts'
