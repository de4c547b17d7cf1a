import { Annotations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** Add a warning to a service, with the code that acknowledges it. */
export function addWarning(service: IConstruct, id: string, text: string): void {
  Annotations.of(service).addWarningV2(
    id,
    `${text} If this is intended, acknowledge the warning: ` +
      `\`Annotations.of(service).acknowledgeWarning("${id}")\`.`,
  );
}
