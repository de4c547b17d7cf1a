import * as cdk from 'aws-cdk-lib';

/** The acknowledgments of newer releases of aws-cdk-lib, which cdk-nag 3 reads. */
interface WithValidations {
  readonly Validations?: {
    of(scope: cdk.CfnResource): { acknowledge(...rules: { id: string; reason: string }[]): void };
  };
}

/**
 * Suppress one rule of cdk-nag for one resource, without a dependency on cdk-nag.
 *
 * @param finding The finding to suppress, for rules that report several findings.
 * @param suppressesAll `true` to suppress all findings of the rule with cdk-nag 2.
 */
export function suppressNagRule(
  resource: cdk.CfnResource,
  rule: string,
  { finding, suppressesAll, reason }: { finding?: string; suppressesAll?: boolean; reason: string },
): void {
  // cdk-nag 2 reads the metadata of the resource.
  const suppression = {
    id: rule,
    reason,
    ...(finding && !suppressesAll && { applies_to: [finding] }),
  };
  resource.addMetadata('cdk_nag', { rules_to_suppress: [suppression] });
  // cdk-nag 3 reads the acknowledgments of aws-cdk-lib, which older releases do not have.
  const { Validations } = cdk as WithValidations;
  Validations?.of(resource).acknowledge({ id: finding ? `${rule}[${finding}]` : rule, reason });
}
