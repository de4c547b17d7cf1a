import { Duration, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct, IConstruct } from 'constructs';
import { uniqueList } from './arguments';
import { PrivateLinkValueError, code } from './errors';
import { IPrivateLinkEndpointService } from './interface';
import { LoadBalancers, zonesOf } from './load-balancers';
import { isListToken, isSingleUnknown } from './tokens';

// A Region and a letter, or the suffix of a Local Zone or a Wavelength Zone: `us-west-2-lax-1a`. Ids
// of zones, like `euw1-az1`, are not names.
const ZONE = /^(?=.{1,255}$)[a-z]{2,4}(-[a-z]+)+-\d+([a-z]|-[a-z0-9-]+)$/;
const ZONES = 'availabilityZones';

/**
 * The options of the alarms.
 */
export interface RstPacketsSentAlarmsOptions {
  /**
   * The number of reset packets per minute that you tolerate.
   *
   * Use a low number if no target may be unhealthy.
   */
  readonly threshold: number;

  /**
   * The names of the Availability Zones of the load balancers.
   *
   * Duplicates are removed.
   *
   * @default - the zones of their subnets, for load balancers that are defined in the same app.
   */
  readonly availabilityZones?: string[];
}

/** A load balancer in one of its Availability Zones. */
interface Dimensions {
  readonly arn: string;
  readonly zone: string;
}

/** Check that the threshold is a number of packets. */
export function validateThreshold(threshold: number, scope: IConstruct): void {
  const problem = !Number.isFinite(threshold)
    ? 'must be a finite number'
    : threshold < 0 && !Token.isUnresolved(threshold) && 'must be 0 or more';
  if (problem) {
    throw new PrivateLinkValueError('threshold', problem, {
      got: code(threshold),
      fix: 'pass the number of packets per minute that you tolerate',
      scope,
    });
  }
}

/** Return the ARN of each load balancer with each of its Availability Zones. */
export function resolveDimensions(
  zones: readonly string[] | undefined,
  loadBalancers: LoadBalancers,
  arns: readonly string[],
  scope: IConstruct,
): Dimensions[] {
  const given = zones && resolveZones(zones, scope);
  const list = arns.find(isListToken);
  if (list !== undefined) {
    throw new PrivateLinkValueError(
      'loadBalancers',
      'must be single values for alarms, one alarm per load balancer',
      {
        got: `the list token ${code(list)}`,
        fix: 'pass each load balancer to `LoadBalancers.network()` as a separate argument',
        scope,
      },
    );
  }
  const known = zonesOf(loadBalancers);
  return arns.flatMap((arn, index) => {
    const names = given ?? known[index];
    if (!names) {
      throw new PrivateLinkValueError(
        ZONES,
        'must be passed for imported load balancers, whose zones the app cannot know',
        {
          got: `load balancer ${code(arn)}`,
          fix: 'pass the names of the zones, like `eu-west-1a`',
          scope,
        },
      );
    }
    return names.map((zone) => ({ arn, zone }));
  });
}

/** Add an alarm per load balancer and zone for resets of connections in five minutes. */
export function addAlarms(
  scope: Construct,
  service: IPrivateLinkEndpointService,
  dimensions: readonly Dimensions[],
  threshold: number,
): cloudwatch.Alarm[] {
  return dimensions.map(({ arn, zone }, index) => {
    const metric = service.metricRstPacketsSent({
      dimensionsMap: { 'Az': zone, 'Load Balancer Arn': arn },
      period: Duration.minutes(1),
    });
    // ARNs and zones may be tokens, which ids cannot contain.
    return new cloudwatch.Alarm(scope, `Alarm${(index + 1).toString()}`, {
      metric,
      alarmDescription: 'Targets of the endpoint service may be unhealthy: they reset connections.',
      threshold,
      evaluationPeriods: 5,
      datapointsToAlarm: 5,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    });
  });
}

function resolveZones(zones: readonly string[], scope: IConstruct): string[] {
  return uniqueList(ZONES, zones, scope, (argument, zone) => {
    if (isListToken(zone)) {
      throw new PrivateLinkValueError(
        argument,
        'must be a single name, since there is one alarm per Availability Zone',
        { got: code(zone), fix: 'pass a name like `eu-west-1a`', scope },
      );
    }
    if (!isSingleUnknown(zone) && !ZONE.test(zone)) {
      throw new PrivateLinkValueError(argument, 'must be the name of an Availability Zone', {
        got: code(zone),
        fix: 'pass a name like `eu-west-1a`',
        scope,
      });
    }
  });
}
