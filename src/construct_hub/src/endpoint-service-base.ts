import { Resource, Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { PrivateLinkValueError, code } from './errors';
import { IPrivateLinkEndpointService } from './interface';

/**
 * The implementation that defined and imported endpoint services share.
 *
 * @internal
 */
export abstract class EndpointServiceBase extends Resource implements IPrivateLinkEndpointService {
  public abstract readonly serviceId: string;
  public abstract readonly serviceName: string;

  /**
   * The port that an `ec2.InterfaceVpcEndpoint` opens for its VPC: 443.
   */
  public readonly port: number = 443;

  /**
   * The default of `privateDnsEnabled` of an `ec2.InterfaceVpcEndpoint`: `false`.
   */
  public readonly privateDnsDefault?: boolean = false;

  /**
   * The partition of the stack, unless the subclass knows another one.
   *
   * @internal
   */
  protected readonly _partition?: string;

  /**
   * The ARN of the service, for IAM policies.
   *
   * The account is the one of the stack, unless the import knows another one.
   */
  public get serviceArn(): string {
    return Stack.of(this).formatArn({
      partition: this._partition,
      service: 'ec2',
      region: this.env.region,
      account: this.env.account,
      resource: 'vpc-endpoint-service',
      resourceName: this.serviceId,
    });
  }

  /**
   * The name of `serviceId` in the CDK.
   */
  public get vpcEndpointServiceId(): string {
    return this.serviceId;
  }

  /**
   * The name of `serviceName` in the CDK.
   */
  public get vpcEndpointServiceName(): string {
    return this.serviceName;
  }

  /**
   * The reference of the CDK to the service.
   */
  public get vpcEndpointServiceRef(): ec2.VPCEndpointServiceReference {
    return { serviceId: this.serviceId };
  }

  /**
   * The name of `serviceName` in the CDK, for `ec2.InterfaceVpcEndpoint`.
   */
  public get name(): string {
    return this.serviceName;
  }

  /**
   * Return a metric of the service, from the namespace `AWS/PrivateLinkServices`.
   *
   * @param metricName The name of the metric in CloudWatch, like `"ActiveConnections"`.
   * @param options See `MetricOptions`. `dimensionsMap` narrows the metric by `Az`,
   * `Load Balancer Arn` or `VPC Endpoint Id`. Default: the average over five minutes of the whole
   * service.
   * @see https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-cloudwatch-metrics.html
   */
  public metric(metricName: string, options: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    if (!metricName) {
      throw new PrivateLinkValueError('metricName', 'must not be empty', {
        got: code(''),
        fix: 'pass a name like `ActiveConnections`',
        scope: this,
      });
    }
    // The CDK adds the environment to every metric, for alarms and dashboards elsewhere. An imported
    // service may be in another environment than the stack that imports it.
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
   * Return the number of active connections through endpoints.
   *
   * @param options See `MetricOptions`. Default: the average over five minutes.
   */
  public metricActiveConnections(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ActiveConnections', { statistic: cloudwatch.Stats.AVERAGE, ...options });
  }

  /**
   * Return the number of bytes between endpoints and the service, in both directions.
   *
   * @param options See `MetricOptions`. Default: the sum over five minutes.
   */
  public metricBytesProcessed(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('BytesProcessed', { statistic: cloudwatch.Stats.SUM, ...options });
  }

  /**
   * Return the number of endpoints that are connected to the service.
   *
   * @param options See `MetricOptions`. Default: the average over five minutes.
   */
  public metricEndpointsCount(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('EndpointsCount', { statistic: cloudwatch.Stats.AVERAGE, ...options });
  }

  /**
   * Return the number of new connections through endpoints.
   *
   * @param options See `MetricOptions`. Default: the sum over five minutes.
   */
  public metricNewConnections(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('NewConnections', { statistic: cloudwatch.Stats.SUM, ...options });
  }

  /**
   * Return the number of reset packets that the service sends to endpoints.
   *
   * Many reset packets indicate unhealthy targets.
   *
   * @param options See `MetricOptions`. Default: the sum over five minutes.
   */
  public metricRstPacketsSent(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('RstPacketsSent', { statistic: cloudwatch.Stats.SUM, ...options });
  }
}
