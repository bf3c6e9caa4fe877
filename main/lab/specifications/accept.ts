import { checkExperiment } from '../../bench/index.ts'
import { type ExperimentSpec, parseSpec } from '../../contract/index.ts'

/**
 * What a person wrote, as an experiment that can be carried out here: form, command line, sweep and start all ask this.
 * @throws LabError of parseSpec and checkExperiment
 */
export async function acceptSpec(input: unknown): Promise<ExperimentSpec> {
  const spec = parseSpec(input)
  await checkExperiment(spec)
  return spec
}
