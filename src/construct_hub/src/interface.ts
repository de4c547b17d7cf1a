import { IResource } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';

/**
 * An endpoint service, defined in the app or imported.
 *
 * Created by `PrivateLinkEndpointService`, and by its methods `fromServiceId()`,
 * `fromServiceName()` and `fromParameter()`. The CDK accepts it for every
 * `ec2.IVpcEndpointService`, and for every `ec2.IInterfaceVpcEndpointService` as in
 * `vpc.addInterfaceEndpoint()`.
 */
export interface IPrivateLinkEndpointService
  extends IResource, ec2.IVpcEndpointService, ec2.IInterfaceVpcEndpointService {
  /**
   * The id of the service, like `vpce-svc-0123456789abcdef0`.
   *
   * @attribute
   */
  readonly serviceId: string;

  /**
   * The name to which consumers connect.
   *
   * Like `com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0`.
   *
   * @attribute
   */
  readonly serviceName: string;

  /**
   * The ARN of the service, for IAM policies.
   *
   * The account is the one of the stack, unless the import knows another one.
   *
   * @attribute
   */
  readonly serviceArn: string;

  /**
   * Return a metric of the service, from the namespace `AWS/PrivateLinkServices`.
   *
   * @param metricName The name of the metric in CloudWatch, like `"ActiveConnections"`.
   * @param options See `MetricOptions`. `dimensionsMap` narrows the metric by `Az`,
   * `Load Balancer Arn` or `VPC Endpoint Id`. Default: the average over five minutes of the whole
   * service.
   * @see https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-cloudwatch-metrics.html
   */
  metric(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Return the number of active connections through endpoints.
   *
   * @param options See `MetricOptions`. Default: the average over five minutes.
   */
  metricActiveConnections(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Return the number of bytes between endpoints and the service, in both directions.
   *
   * @param options See `MetricOptions`. Default: the sum over five minutes.
   */
  metricBytesProcessed(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Return the number of endpoints that are connected to the service.
   *
   * @param options See `MetricOptions`. Default: the average over five minutes.
   */
  metricEndpointsCount(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Return the number of new connections through endpoints.
   *
   * @param options See `MetricOptions`. Default: the sum over five minutes.
   */
  metricNewConnections(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Return the number of reset packets that the service sends to endpoints.
   *
   * Many reset packets indicate unhealthy targets.
   *
   * @param options See `MetricOptions`. Default: the sum over five minutes.
   */
  metricRstPacketsSent(options?: cloudwatch.MetricOptions): cloudwatch.Metric;
}

/**
 * An endpoint service that another stack has published in SSM parameters.
 *
 * Created by `PrivateLinkEndpointService.fromParameter()`. CloudFormation reads the parameter of a
 * property only if you use the property: a deployment fails if the parameter does not exist.
 */
export interface IPublishedEndpointService extends IPrivateLinkEndpointService {
  /**
   * The ids of the Availability Zones of the service, as a list token.
   *
   * Use `Fn.select` and `Fn.join` with the list. An id stands for the same zone in every account.
   * The parameter exists if the name of the service is looked up.
   */
  readonly availabilityZoneIds: string[];

  /**
   * The Regions from which consumers can connect, as a list token.
   *
   * The first one is the Region of the service. Use `Fn.select` and `Fn.join` with the list.
   */
  readonly allowedRegions: string[];

  /**
   * The private DNS name of the service, as a token.
   *
   * The parameter exists if the service has a private DNS name.
   */
  readonly privateDnsName: string;
}
