import * as cdk from 'aws-cdk-lib';

/** What newer releases of aws-cdk-lib have for cdk-nag. */
interface WithValidations {
  readonly Validations?: {
    of(scope: cdk.CfnResource): { acknowledge(...rules: { id: string; reason: string }[]): void };
  };
}

/**
 * Tell cdk-nag why a rule does not apply, without needing it as a dependency.
 *
 * @param finding What exactly is justified, for rules that tell several findings apart.
 */
export function justify(
  resource: cdk.CfnResource,
  rule: string,
  { finding, reason }: { finding?: string; reason: string },
): void {
  // cdk-nag 2 reads the metadata of the resource.
  const suppression = { id: rule, reason, ...(finding && { applies_to: [finding] }) };
  resource.addMetadata('cdk_nag', { rules_to_suppress: [suppression] });
  // cdk-nag 3 reads what aws-cdk-lib keeps for it, and only newer releases do that.
  const { Validations } = cdk as WithValidations;
  Validations?.of(resource).acknowledge({ id: finding ? `${rule}[${finding}]` : rule, reason });
}
