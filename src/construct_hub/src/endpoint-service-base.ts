import { Resource, Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { PrivateLinkValueError, code } from './errors';
import { IPrivateLinkEndpointService } from './interface';

/**
 * What every endpoint service has, made here or elsewhere.
 *
 * @internal
 */
export abstract class EndpointServiceBase extends Resource implements IPrivateLinkEndpointService {
  public abstract readonly serviceId: string;
  public abstract readonly serviceName: string;

  /**
   * That of the stack, unless something else is known.
   *
   * @internal
   */
  protected readonly _partition?: string;

  /**
   * The ARN of the service, for IAM policies, in the account of the stack.
   */
  public get serviceArn(): string {
    return Stack.of(this).formatArn({
      partition: this._partition,
      service: 'ec2',
      region: this.env.region,
      resource: 'vpc-endpoint-service',
      resourceName: this.serviceId,
    });
  }

  /**
   * What the CDK calls `serviceId`.
   */
  public get vpcEndpointServiceId(): string {
    return this.serviceId;
  }

  /**
   * What the CDK calls `serviceName`.
   */
  public get vpcEndpointServiceName(): string {
    return this.serviceName;
  }

  /**
   * What the CDK refers to the service by.
   */
  public get vpcEndpointServiceRef(): ec2.VPCEndpointServiceReference {
    return { serviceId: this.serviceId };
  }

  /**
   * Read a metric of the service, of the namespace `AWS/PrivateLinkServices`.
   *
   * @param metricName The name that CloudWatch has for it, like `"ActiveConnections"`.
   * @param options See `MetricOptions`. `dimensionsMap` narrows the metric down, by `Az`,
   * `Load Balancer Arn` or `VPC Endpoint Id`. Default: the average over five minutes of the whole
   * service.
   * @see https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-cloudwatch-metrics.html
   */
  public metric(metricName: string, options: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    if (!metricName) {
      throw new PrivateLinkValueError('metricName', 'is empty', {
        got: code("''"),
        fix: 'pass a name like `ActiveConnections`',
        scope: this,
      });
    }
    // As every metric of the CDK tells where it comes from, for alarms and dashboards elsewhere. An
    // imported service may be elsewhere than the stack that it is imported into.
    const { account, region } = this.env;
    return new cloudwatch.Metric({
      namespace: 'AWS/PrivateLinkServices',
      metricName,
      ...(!Token.isUnresolved(account) && { stackAccount: account }),
      ...(!Token.isUnresolved(region) && { stackRegion: region }),
      ...options,
      dimensionsMap: { ...options.dimensionsMap, 'Service Id': this.serviceId },
    });
  }

  /**
   * How many connections through endpoints are active.
   *
   * @param options See `MetricOptions`. Default: the average over five minutes.
   */
  public metricActiveConnections(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ActiveConnections', { statistic: cloudwatch.Stats.AVERAGE, ...options });
  }

  /**
   * How many bytes endpoints and the service exchange, both ways together.
   *
   * @param options See `MetricOptions`. Default: the sum over five minutes.
   */
  public metricBytesProcessed(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('BytesProcessed', { statistic: cloudwatch.Stats.SUM, ...options });
  }

  /**
   * How many endpoints are connected to the service.
   *
   * @param options See `MetricOptions`. Default: the average over five minutes.
   */
  public metricEndpointsCount(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('EndpointsCount', { statistic: cloudwatch.Stats.AVERAGE, ...options });
  }

  /**
   * How many connections through endpoints are established.
   *
   * @param options See `MetricOptions`. Default: the sum over five minutes.
   */
  public metricNewConnections(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('NewConnections', { statistic: cloudwatch.Stats.SUM, ...options });
  }

  /**
   * How many packets that reset a connection the service sends to endpoints.
   *
   * Many of them tell of unhealthy targets.
   *
   * @param options See `MetricOptions`. Default: the sum over five minutes.
   */
  public metricRstPacketsSent(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('RstPacketsSent', { statistic: cloudwatch.Stats.SUM, ...options });
  }
}
