import { IResource } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';

/**
 * An endpoint service: one that this app makes, or an existing one.
 *
 * Made by `PrivateLinkEndpointService`, its `fromServiceId()` and `fromServiceName()`. It is taken
 * wherever the CDK takes an `ec2.IVpcEndpointService`.
 */
export interface IPrivateLinkEndpointService extends IResource, ec2.IVpcEndpointService {
  /**
   * The id of the service, like `vpce-svc-0123456789abcdef0`.
   *
   * @attribute
   */
  readonly serviceId: string;

  /**
   * The name that consumers connect to.
   *
   * Like `com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0`.
   *
   * @attribute
   */
  readonly serviceName: string;

  /**
   * The ARN of the service, for IAM policies, in the account of the stack.
   *
   * @attribute
   */
  readonly serviceArn: string;

  /**
   * Read a metric of the service, of the namespace `AWS/PrivateLinkServices`.
   *
   * @param metricName The name that CloudWatch has for it, like `"ActiveConnections"`.
   * @param options See `MetricOptions`. `dimensionsMap` narrows the metric down, by `Az`,
   * `Load Balancer Arn` or `VPC Endpoint Id`. Default: the average over five minutes of the whole
   * service.
   * @see https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-cloudwatch-metrics.html
   */
  metric(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * How many connections through endpoints are active.
   *
   * @param options See `MetricOptions`. Default: the average over five minutes.
   */
  metricActiveConnections(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * How many bytes endpoints and the service exchange, both ways together.
   *
   * @param options See `MetricOptions`. Default: the sum over five minutes.
   */
  metricBytesProcessed(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * How many endpoints are connected to the service.
   *
   * @param options See `MetricOptions`. Default: the average over five minutes.
   */
  metricEndpointsCount(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * How many connections through endpoints are established.
   *
   * @param options See `MetricOptions`. Default: the sum over five minutes.
   */
  metricNewConnections(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * How many packets that reset a connection the service sends to endpoints.
   *
   * Many of them tell of unhealthy targets.
   *
   * @param options See `MetricOptions`. Default: the sum over five minutes.
   */
  metricRstPacketsSent(options?: cloudwatch.MetricOptions): cloudwatch.Metric;
}
