import { Stack, Stage } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import { IConstruct } from 'constructs';
import { EndpointServiceBase } from './endpoint-service-base';

/**
 * What can happen to a connection between an endpoint and a service.
 */
export enum ConnectionEvent {
  /**
   * The owner of the service accepts a connection.
   */
  ACCEPT = 'Accept',

  /**
   * A consumer asks for a connection.
   */
  CONNECT = 'Connect',

  /**
   * A consumer deletes an endpoint.
   */
  DELETE = 'Delete',

  /**
   * The owner of the service rejects a connection.
   */
  REJECT = 'Reject',
}

/**
 * What a topic is told of.
 */
export interface NotifyOptions {
  /**
   * What it is told of.
   *
   * @default - every `ConnectionEvent`.
   */
  readonly events?: ConnectionEvent[];
}

/** Have EC2 tell the topic of the events, besides those that it is told of already. */
export function notifyTopic(
  service: EndpointServiceBase,
  topic: sns.ITopic,
  events: ConnectionEvent[],
): void {
  const id = notificationId(service, topic);
  const found = service.node.tryFindChild(id);
  if (found instanceof ec2.CfnVPCEndpointConnectionNotification) {
    found.connectionEvents = [...new Set([...found.connectionEvents, ...events])];
    return;
  }
  const notification = new ec2.CfnVPCEndpointConnectionNotification(service, id, {
    connectionNotificationArn: topic.topicArn,
    connectionEvents: events,
    serviceId: service.serviceId,
  });
  allowToPublish(service, topic, notification);
}

/**
 * Tell topics apart by their place in the stack, or else in the stage.
 *
 * So every stage has the same ids, and they do not depend on the order of construction.
 */
function notificationId(service: IConstruct, topic: IConstruct): string {
  const own = Stack.of(topic) === Stack.of(service);
  const around = own ? Stack.of(topic) : Stage.of(topic);
  const prefix = around?.node.path ?? '';
  const { path } = topic.node;
  const within = path.startsWith(prefix) ? path.slice(prefix.length) : path;
  // The CDK makes two hyphens of each slash, so that ids with hyphens could be taken for paths.
  const place = within.replaceAll('-', '%2D');
  return (own ? 'Notification' : 'NotificationAcrossStacks') + place;
}

function allowToPublish(
  service: EndpointServiceBase,
  topic: sns.ITopic,
  notification: ec2.CfnVPCEndpointConnectionNotification,
): void {
  const stack = Stack.of(service);
  const anyService = stack.formatArn({
    service: 'ec2',
    resource: 'vpc-endpoint-service',
    resourceName: '*',
  });
  // The id of the service in a policy in another stack would make the two stacks depend on each
  // other. So it is every endpoint service of this account and region.
  const sameStack = Stack.of(topic) === stack;
  const { policyDependable } = topic.addToResourcePolicy(
    statement(stack, ['sns:Publish'], topic.topicArn, sameStack ? service.serviceArn : anyService),
  );
  // A notification is of no use, and may be refused, before it can be published. For a topic in a
  // nested stack, the reference to it waits for all of that stack already.
  const nested = Stack.of(topic).nestedStackParent !== undefined;
  if (policyDependable && (sameStack || !nested)) {
    notification.node.addDependency(policyDependable);
  }
  // The policy is part of the key, and the service may depend on what the key encrypts: with the id
  // of the service in it, they would depend on each other. In the policy of a key, the resource
  // means that key.
  topic.masterKey?.addToResourcePolicy(
    statement(stack, ['kms:Decrypt', 'kms:GenerateDataKey*'], '*', anyService),
  );
}

/** Let EC2 in for a service of this account alone, since anyone's may name a topic. */
function statement(
  stack: Stack,
  actions: string[],
  resource: string,
  onBehalfOf: string,
): iam.PolicyStatement {
  return new iam.PolicyStatement({
    principals: [new iam.ServicePrincipal('vpce.amazonaws.com')],
    actions,
    resources: [resource],
    conditions: {
      ArnLike: { 'aws:SourceArn': onBehalfOf },
      StringEquals: { 'aws:SourceAccount': stack.account },
    },
  });
}
