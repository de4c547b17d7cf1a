import { Duration, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct, IConstruct } from 'constructs';
import { PrivateLinkValueError, code } from './errors';
import { IPrivateLinkEndpointService } from './interface';
import { checkedList } from './lists';
import { LoadBalancers, zonesOf } from './load-balancers';
import { hasListToken, isListToken } from './tokens';

// A region, then a letter, or what tells a local zone or a Wavelength zone: `us-west-2-lax-1a`. Ids
// like `euw1-az1` are no names.
const ZONE = /^(?=.{1,255}$)[a-z]{2,4}(-[a-z]+)+-\d+([a-z]|-[a-z0-9-]+)$/;
const ZONES = 'availabilityZones';
const FIX = 'pass the names of the zones, like `eu-west-1a`';

/**
 * When to alarm.
 */
export interface RstPacketsSentAlarmsOptions {
  /**
   * How many packets in a minute are still tolerated: few, where no target may be unhealthy.
   */
  readonly threshold: number;

  /**
   * The names of the zones that the load balancers are in.
   *
   * Repetitions are folded.
   *
   * @default - all of their VPC, for load balancers that are made in this app.
   */
  readonly availabilityZones?: string[];
}

/** Where one of the load balancers answers. */
interface Place {
  readonly arn: string;
  readonly zone: string;
}

/** Check that it can be counted up to. */
export function checkThreshold(threshold: number, scope: IConstruct): void {
  if (!Number.isFinite(threshold) || (threshold < 0 && !Token.isUnresolved(threshold))) {
    throw new PrivateLinkValueError('threshold', 'is not a number of packets', {
      got: code(threshold),
      fix: 'pass how many packets in a minute are too many, 0 or more',
      scope,
    });
  }
}

/** Tell which load balancers answer in which zones. */
export function checkedPlaces(
  zones: readonly string[] | undefined,
  loadBalancers: LoadBalancers,
  arns: readonly string[],
  scope: IConstruct,
): Place[] {
  const list = arns.find(isListToken);
  if (list !== undefined) {
    throw new PrivateLinkValueError(
      'loadBalancers',
      'is a list that is only known at deployment, with too little in it for an alarm each',
      { got: code(list), fix: 'pass each load balancer as a value of its own', scope },
    );
  }
  const given = zones && checkedZones(zones, scope);
  const known = zonesOf(loadBalancers);
  return arns.flatMap((arn, index) => {
    const names = given ?? known[index];
    if (!names) {
      throw new PrivateLinkValueError(
        ZONES,
        'is left out, although the zones of a load balancer are not known here',
        { got: `load balancer ${code(arn)}`, fix: FIX, scope },
      );
    }
    return names.map((zone) => ({ arn, zone }));
  });
}

/** Alarm when a load balancer resets connections in a zone for five minutes in a row. */
export function addAlarms(
  scope: Construct,
  service: IPrivateLinkEndpointService,
  places: readonly Place[],
  threshold: number,
): cloudwatch.Alarm[] {
  return places.map(({ arn, zone }, index) => {
    const metric = service.metricRstPacketsSent({
      dimensionsMap: { 'Az': zone, 'Load Balancer Arn': arn },
      period: Duration.minutes(1),
    });
    // Neither ARN nor zone needs be known here, so they are numbered.
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

function checkedZones(zones: readonly string[], scope: IConstruct): string[] {
  const names = checkedList(ZONES, zones, { fix: FIX, scope });
  for (const name of names) {
    if (hasListToken(name)) {
      throw new PrivateLinkValueError(ZONES, 'has a list that is only known at deployment', {
        got: code(name),
        fix: 'pass each zone as a value of its own',
        scope,
      });
    }
    if (!Token.isUnresolved(name) && !ZONE.test(name)) {
      throw new PrivateLinkValueError(ZONES, 'has something that is not the name of a zone', {
        got: code(name),
        fix: FIX,
        scope,
      });
    }
  }
  return names;
}
