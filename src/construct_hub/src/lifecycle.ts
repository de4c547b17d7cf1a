import { CfnResource, RemovalPolicy } from 'aws-cdk-lib';
import { Construct, DependencyGroup } from 'constructs';

/** The dependents of an endpoint service, and the prerequisites of its consumers. */
export class Lifecycle {
  private readonly dependents: CfnResource[] = [];
  private removalPolicy?: RemovalPolicy;

  /** All prerequisites of a consumer, including the ones that are added later. */
  public readonly readiness = new DependencyGroup();

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

  /** Let consumers wait for a resource without which they cannot connect. */
  public addPrerequisite(resource: Construct): void {
    this.readiness.add(resource);
  }
}
