import { CfnResource, RemovalPolicy } from 'aws-cdk-lib';

/** The resources that live and die with an endpoint service. */
export class Lifecycle {
  private readonly dependents: CfnResource[] = [];
  private removalPolicy?: RemovalPolicy;

  /** Apply the removal policy of the service to a resource that the service needs. */
  public trackDependent(resource: CfnResource): void {
    this.dependents.push(resource);
    if (this.removalPolicy) {
      resource.applyRemovalPolicy(this.removalPolicy);
    }
  }

  /** Apply a removal policy to all dependents, present and future. */
  public applyRemovalPolicy(policy: RemovalPolicy): void {
    this.removalPolicy = policy;
    for (const dependent of this.dependents) {
      dependent.applyRemovalPolicy(policy);
    }
  }
}
