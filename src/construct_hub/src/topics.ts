import { Stack } from 'aws-cdk-lib';
import * as sns from 'aws-cdk-lib/aws-sns';
import { IConstruct } from 'constructs';
import { PrivateLinkValueError, code } from './errors';
import { isLiteral } from './tokens';
import { addWarning } from './warnings';

const MANAGED_KEY = 'alias/aws/sns';

/**
 * Check that a topic is not encrypted with the key that AWS manages.
 *
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
export function rejectManagedKey(topic: sns.ITopic, service: IConstruct): void {
  const resource = topic.node.defaultChild;
  const keyIds = [
    topic.masterKey?.keyId,
    resource instanceof sns.CfnTopic ? resource.kmsMasterKeyId : undefined,
  ];
  if (keyIds.some((keyId) => keyId?.endsWith(MANAGED_KEY))) {
    throw new PrivateLinkValueError(
      'topic',
      'must not be encrypted with the key `alias/aws/sns`, whose policy allows no service to publish',
      {
        got: code(topic.node.path),
        fix: 'pass a topic with a `kms.Key` of yours, or without encryption',
        scope: service,
      },
    );
  }
}

/** Warn about FIFO topics, and about topics in other Regions. */
export function warnOfPlace(service: IConstruct, topic: sns.ITopic): void {
  if (topic.fifo) {
    warn(
      service,
      topic,
      'is a FIFO topic. Such a topic needs a message group for each message, for which EC2 has no ' +
        'option. Pass a standard topic.',
    );
  }
  const [region, expected] = [topic.env.region, Stack.of(service).region];
  if (region !== expected && isLiteral(region) && isLiteral(expected)) {
    warn(
      service,
      topic,
      `is in ${region}. AWS documents no notifications to other Regions. Pass a topic in ` +
        `${expected}.`,
    );
  }
}

/** Warn that the policy of an imported topic has to allow publishing. */
export function warnOfTopicPolicy(service: IConstruct, topic: sns.ITopic): void {
  warn(
    service,
    topic,
    'is imported, so that the app cannot extend its policy. The policy must allow ' +
      '`vpce.amazonaws.com` the action `sns:Publish`.',
  );
}

/** Warn that the policy of an imported key has to allow publishing. */
export function warnOfKeyPolicy(service: IConstruct, topic: sns.ITopic): void {
  warn(
    service,
    topic,
    'has an imported key, so that the app cannot extend the policy of the key. The policy must ' +
      'allow `vpce.amazonaws.com` the actions `kms:Decrypt` and `kms:GenerateDataKey*`.',
  );
}

function warn(service: IConstruct, topic: sns.ITopic, problem: string): void {
  addWarning(
    service,
    'cdk-privatelink:topicMayBeUnreachable',
    `The service may not be able to notify the topic ${code(topic.node.path)}, which ${problem}`,
  );
}
