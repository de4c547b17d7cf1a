import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';

type Zones = Map<string, string | undefined>;

/** Return the Availability Zones of the subnets of a VPC. */
export function zonesBySubnetId(vpc: ec2.IVpc | undefined): Zones {
  const subnets = vpc ? [...vpc.privateSubnets, ...vpc.publicSubnets, ...vpc.isolatedSubnets] : [];
  return new Map(subnets.map((each) => [each.subnetId, findZone(each)]));
}

/** Return the Availability Zones of all subnets in an app, L1 and imported ones included. */
export function allZonesBySubnetId(scope: IConstruct): Zones {
  const zones: Zones = new Map();
  for (const each of scope.node.root.node.findAll()) {
    if (each instanceof ec2.CfnSubnet) {
      zones.set(each.ref, each.availabilityZone ?? each.attrAvailabilityZone);
    } else if (isSubnet(each)) {
      zones.set(each.subnetId, findZone(each));
    }
  }
  return zones;
}

function isSubnet(construct: IConstruct): construct is ec2.ISubnet {
  return 'associateNetworkAcl' in construct;
}

/** Return the Availability Zone of a subnet, `undefined` if it is imported by its id alone. */
function findZone(subnet: ec2.ISubnet): string | undefined {
  try {
    return subnet.availabilityZone;
  } catch {
    return undefined;
  }
}
