import { Stack, Stage } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import { IConstruct } from 'constructs';
import { validateReservedId } from './scopes';
import { EndpointServiceBase } from './endpoint-service-base';
import { rejectManagedKey, warnOfKeyPolicy, warnOfPlace, warnOfTopicPolicy } from './topics';

/**
 * An event of a connection between an endpoint and a service.
 */
export enum ConnectionEvent {
  /**
   * The owner of the service accepts a connection.
   */
  ACCEPT = 'Accept',

  /**
   * A consumer requests a connection.
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
 * The options of connection notifications.
 */
export interface ConnectionNotificationOptions {
  /**
   * The events to send.
   *
   * @default - every `ConnectionEvent`.
   */
  readonly events?: ConnectionEvent[];
}

/** Send events to a topic, besides the events that it receives already. */
export function addNotification(
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
  rejectManagedKey(topic, service);
  warnOfPlace(service, topic);
  const scope = validateReservedId(service, id);
  const notification = new ec2.CfnVPCEndpointConnectionNotification(scope, id, {
    connectionNotificationArn: topic.topicArn,
    connectionEvents: events,
    serviceId: service.serviceId,
  });
  allowPublishing(service, topic, notification);
}

/**
 * Return an id from the path of the topic in the stack, or else in the stage.
 *
 * The id is the same in every stage and independent of the order of construction.
 */
function notificationId(service: IConstruct, topic: IConstruct): string {
  const own = Stack.of(topic) === Stack.of(service);
  const around = own ? Stack.of(topic) : Stage.of(topic);
  const prefix = around?.node.path ?? '';
  const { path } = topic.node;
  const within = path.startsWith(prefix) ? path.slice(prefix.length) : path;
  // The CDK replaces each slash in an id with two hyphens. Escaped hyphens keep ids different.
  const place = within.replaceAll('-', '%2D');
  return (own ? 'Notification' : 'NotificationAcrossStacks') + place;
}

function allowPublishing(
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
  // A policy in another stack cannot contain the id of the service: the stacks would depend on each
  // other. It allows every endpoint service of the account and Region instead.
  const sameStack = Stack.of(topic) === stack;
  const { policyDependable, statementAdded } = topic.addToResourcePolicy(
    statement(stack, ['sns:Publish'], topic.topicArn, sameStack ? service.serviceArn : anyService),
  );
  if (!statementAdded) {
    warnOfTopicPolicy(service, topic);
  }
  // EC2 may reject a notification whose topic does not allow publishing yet. A reference to a topic
  // in a nested stack waits for the whole nested stack anyway.
  const nested = Stack.of(topic).nestedStackParent !== undefined;
  if (policyDependable && (sameStack || !nested)) {
    notification.node.addDependency(policyDependable);
  }
  // The policy is a part of the key, and the service may depend on resources that use the key. With
  // the id of the service in the policy, they would depend on each other. In a key policy, the
  // resource `*` stands for the key itself.
  const keyResult = topic.masterKey?.addToResourcePolicy(
    statement(stack, ['kms:Decrypt', 'kms:GenerateDataKey*'], '*', anyService),
  );
  if (keyResult && !keyResult.statementAdded) {
    warnOfKeyPolicy(service, topic);
  }
}

/** Allow EC2 to act for services of this account only, since any service can name a topic. */
function statement(
  stack: Stack,
  actions: string[],
  resource: string,
  sourceArn: string,
): iam.PolicyStatement {
  return new iam.PolicyStatement({
    principals: [new iam.ServicePrincipal('vpce.amazonaws.com')],
    actions,
    resources: [resource],
    conditions: {
      ArnLike: { 'aws:SourceArn': sourceArn },
      StringEquals: { 'aws:SourceAccount': stack.account },
    },
  });
}
