"""The workflows on GitHub, which run tasks of the project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from projen import Project
from projen.github import ConcurrencyOptions, GitHub, GithubWorkflow
from projen.github.workflows import (
    CronScheduleOptions,
    Job,
    JobMatrix,
    JobPermission,
    JobPermissions,
    JobStep,
    JobStepOutput,
    JobStrategy,
    PullRequestOptions,
    PushOptions,
    WorkflowDispatchOptions,
)

BRANCH = "main"
RUNNER = ["ubuntu-latest"]
READ, WRITE = JobPermission.READ, JobPermission.WRITE
# New vulnerabilities and versions appear without a commit.
WEEKLY = CronScheduleOptions(cron="17 4 * * 1")
# A pull request of a workflow starts no other workflow, so it has to start this one.
BUILD = "build"
# Wheel and sdist, npm tarball, template.
PUBLISHED = "dist/python/*", "dist/js/*", "dist/cloudformation/*"

# The option of `integ`, if the owner has a domain for it.
_DOMAIN = '${DOMAIN:+--domain "$DOMAIN"}'


class Workflows:
    """The workflows, with actions that are pinned by commit."""

    def __init__(
        self, project: Project, *, actions: Mapping[str, str], pythons: Sequence[str], publib: str
    ) -> None:
        """Write the workflows.

        :param actions: The commit of each action.
        :param pythons: The supported versions of Python.
        :param publib: AWS's npm package that publishes releases.
        """
        self._github = GitHub(project, mergify=False, pull_request_lint=False)
        self._actions = actions
        self._pythons = pythons
        self._publib = f"npx --yes --package {publib}"
        self._build()
        self._audit()
        self._release()
        self._upgrade()
        self._integ()

    def _build(self) -> None:
        workflow = self._workflow(BUILD, per_branch=True)
        workflow.on(pull_request=PullRequestOptions(), workflow_dispatch=WorkflowDispatchOptions())
        every_python = JobStrategy(
            fail_fast=False, matrix=JobMatrix(domain={"python": list(self._pythons)})
        )
        # Both editions, with the newest supported aws-cdk-lib.
        workflow.add_job("test", self._job("test", python="${{ matrix.python }}", on=every_python))
        workflow.add_job("floor", self._job("test:floor"))
        # Finds a missing section of the changelog before the merge.
        workflow.add_job("compatibility", self._job("compatibility", "release:prepare"))
        workflow.add_job("dry-run", self._job("release:dry-run"))

    def _audit(self) -> None:
        workflow = self._workflow("audit", per_branch=True)
        # Weekly, too: new vulnerabilities appear without a commit.
        workflow.on(pull_request=PullRequestOptions(), schedule=[WEEKLY])
        workflow.add_job("audit", self._job("audit"))

    def _release(self) -> None:
        workflow = self._workflow("release")
        workflow.on(push=PushOptions(branches=[BRANCH]))
        workflow.add_job(
            "version",
            Job(
                runs_on=RUNNER,
                timeout_minutes=5,
                permissions=JobPermissions(contents=READ),
                outputs={
                    name: JobStepOutput(step_id="status", output_name=name)
                    for name in ("version", "due")
                },
                steps=[
                    self._check_out(),
                    JobStep(
                        id="status", run='python3 -m projenrc.release status >> "$GITHUB_OUTPUT"'
                    ),
                ],
            ),
        )
        self._publish(workflow)
        self._propose(
            workflow,
            task="release:prepare",
            branch="release",
            title="chore(release): $(python3 -m projenrc.release version)",
            needs=["version"],
            condition="needs.version.outputs.due == 'false'",
        )

    def _publish(self, workflow: GithubWorkflow) -> None:
        """Build once, and publish the same files everywhere.

        The tag comes first: later steps can run again for the same commit, and no other commit
        gets this version.
        """
        workflow.add_job(
            "build",
            self._job(
                "test",
                "compatibility",
                "release:dry-run",
                needs=["version"],
                condition="needs.version.outputs.due == 'true'",
                steps=[
                    JobStep(run="python3 -m projenrc.release notes > dist/notes.md"),
                    self._upload("dist", "dist/python dist/js dist/cloudformation dist/notes.md"),
                ],
            ),
        )
        workflow.add_job(
            "attest",
            Job(
                runs_on=RUNNER,
                timeout_minutes=5,
                needs=["build"],
                permissions=JobPermissions(attestations=WRITE, id_token=WRITE),
                steps=[
                    self._download("dist", name="dist"),
                    self._use(
                        "actions/attest",
                        {"subject-path": "\n".join(PUBLISHED)},
                    ),
                ],
            ),
        )
        workflow.add_job(
            "tag",
            Job(
                runs_on=RUNNER,
                timeout_minutes=5,
                needs=["version", "attest"],
                permissions=JobPermissions(contents=WRITE),
                steps=[
                    self._download("dist", name="dist"),
                    JobStep(
                        run='gh release create "v$VERSION" --target "$GITHUB_SHA"'
                        ' --title "$VERSION" --notes-file dist/notes.md'
                        f" {' '.join(PUBLISHED)}",
                        env={
                            "GH_REPO": "${{ github.repository }}",
                            "GH_TOKEN": "${{ github.token }}",
                            "VERSION": "${{ needs.version.outputs.version }}",
                        },
                    ),
                ],
            ),
        )
        for registry, folder, trusted in (
            ("pypi", "python", {"PYPI_TRUSTED_PUBLISHER": "true"}),
            ("npm", "js", {"NPM_TRUSTED_PUBLISHER": "true", "NPM_CONFIG_PROVENANCE": "true"}),
        ):
            workflow.add_job(
                registry,
                Job(
                    runs_on=RUNNER,
                    timeout_minutes=15,
                    needs=["tag"],
                    environment=registry,
                    permissions=JobPermissions(id_token=WRITE),
                    steps=[
                        *self._tools(self._pythons[-1]),
                        self._download("dist", name="dist"),
                        JobStep(run=f"{self._publib} publib-{registry} dist/{folder}", env=trusted),
                    ],
                ),
            )

    def _upgrade(self) -> None:
        workflow = self._workflow("upgrade")
        workflow.on(schedule=[WEEKLY], workflow_dispatch=WorkflowDispatchOptions())
        self._propose(
            workflow,
            task="upgrade",
            branch="upgrade",
            title="chore(deps): newer versions of what the project is built and tested with",
        )

    def _integ(self) -> None:
        """Run the stories on AWS, in an account that is made for them.

        The project's code gets the credentials of this account, and the token of this environment
        only, which no registry accepts.
        """
        workflow = self._workflow("integ")
        workflow.on(
            workflow_dispatch=WorkflowDispatchOptions(
                inputs={
                    "stories": {
                        "description": "Names of stories, separated by spaces. Default: all"
                    }
                }
            )
        )
        workflow.add_job("list", self._list_stories())
        workflow.add_job("integ", self._run_story())
        # Of jobs that were canceled, which have only seconds for the deletion.
        workflow.add_job(
            "delete", self._on_aws("--delete --yes", needs="integ", condition="always()")
        )
        workflow.add_job(
            "report",
            self._job(
                needs=["integ"],
                condition="always()",
                steps=[
                    self._download("reports", pattern="report-*"),
                    JobStep(run="npx --yes projen integ --merge reports"),
                    # A summary has no room for the output of many failed tests.
                    JobStep(run="sed '/^## /,$d' dist/integ/report.md >> \"$GITHUB_STEP_SUMMARY\""),
                    self._upload("report", "dist/integ"),
                ],
            ),
        )

    def _list_stories(self) -> Job:
        stories = f"xargs .venv/bin/python -m tests.integ --list {_DOMAIN}"
        return self._job(
            "install",
            outputs={"stories": JobStepOutput(step_id="stories", output_name="names")},
            steps=[
                # In two lines: an error of the first one ends the step.
                JobStep(
                    id="stories",
                    run=f'names=$(printf %s "$STORIES" | {stories})\n'
                    'echo "names=$names" >> "$GITHUB_OUTPUT"',
                    env={"DOMAIN": "${{ vars.INTEG_DOMAIN }}", "STORIES": "${{ inputs.stories }}"},
                ),
            ],
        )

    def _run_story(self) -> Job:
        """Run a story: a job has six hours, which all stories together can exceed."""
        one_at_a_time = JobStrategy(
            fail_fast=False,
            max_parallel=1,
            matrix=JobMatrix(domain={"story": "${{ fromJSON(needs.list.outputs.stories) }}"}),
        )
        return self._on_aws(
            f'"$STORY" --yes --hours 2 {_DOMAIN}',
            needs="list",
            on=one_at_a_time,
            env={"DOMAIN": "${{ vars.INTEG_DOMAIN }}", "STORY": "${{ matrix.story }}"},
            steps=[self._upload("report-${{ matrix.story }}", "dist/integ", condition="always()")],
        )

    def _on_aws(
        self,
        arguments: str,
        *,
        needs: str,
        condition: str | None = None,
        on: JobStrategy | None = None,
        env: Mapping[str, str] | None = None,
        steps: Sequence[JobStep] = (),
    ) -> Job:
        """Run `integ` with the credentials of the account."""
        return self._job(
            # Tools are installed without credentials.
            "install",
            python=self._pythons[-1],
            needs=[needs],
            condition=condition,
            on=on,
            # A story has two hours, and its deletion as much.
            minutes=270,
            environment="integ",
            permissions=JobPermissions(contents=READ, id_token=WRITE),
            steps=[
                self._use(
                    "aws-actions/configure-aws-credentials",
                    {
                        "role-to-assume": "${{ vars.INTEG_ROLE_ARN }}",
                        "aws-region": "${{ vars.INTEG_REGION }}",
                        "role-duration-seconds": 16200,
                        "mask-aws-account-id": True,
                    },
                ),
                JobStep(run=f"npx --yes projen integ {arguments}", env=dict(env) if env else None),
                *steps,
            ],
        )

    def _propose(
        self,
        workflow: GithubWorkflow,
        *,
        task: str,
        branch: str,
        title: str,
        needs: Sequence[str] = (),
        condition: str | None = None,
    ) -> None:
        """Open a pull request with the changes of a task, or update the open one.

        The task runs code of others, so another job has the permission to write.
        """
        workflow.add_job(
            "change",
            self._job(
                task,
                needs=needs,
                condition=condition,
                outputs={
                    name: JobStepOutput(step_id="change", output_name=name)
                    for name in ("changed", "title")
                },
                steps=[
                    JobStep(
                        id="change",
                        run="git add --all\n"
                        "git diff --staged --binary > change.patch\n"
                        '{ test ! -s change.patch || echo "changed=true"\n'
                        f'  echo "title={title}"\n'
                        '} >> "$GITHUB_OUTPUT"',
                    ),
                    self._upload("change", "change.patch"),
                ],
            ),
        )
        workflow.add_job(
            "propose",
            Job(
                runs_on=RUNNER,
                timeout_minutes=5,
                needs=["change"],
                if_="needs.change.outputs.changed == 'true'",
                permissions=JobPermissions(actions=WRITE, contents=WRITE, pull_requests=WRITE),
                steps=[
                    self._check_out(),
                    self._download(".", name="change"),
                    JobStep(
                        run="\n".join(
                            (
                                "gh auth setup-git",
                                'git config user.name "github-actions[bot]"',
                                "git config user.email"
                                ' "41898282+github-actions[bot]@users.noreply.github.com"',
                                'git switch --create "$BRANCH"',
                                "git apply --index change.patch",
                                'git commit --message "$TITLE"',
                                'git push --force origin "$BRANCH"',
                                f'gh pr create --base {BRANCH} --head "$BRANCH" --title "$TITLE"'
                                ' --body "Made by the workflow $GITHUB_WORKFLOW." ||'
                                ' gh pr edit "$BRANCH" --title "$TITLE"',
                                f'gh workflow run {BUILD}.yml --ref "$BRANCH"',
                            )
                        ),
                        env={
                            "BRANCH": branch,
                            "GH_TOKEN": "${{ github.token }}",
                            "TITLE": "${{ needs.change.outputs.title }}",
                        },
                    ),
                ],
            ),
        )

    def _workflow(self, name: str, *, per_branch: bool = False) -> GithubWorkflow:
        """Create a workflow that runs once at a time, or once per branch for its newest commit."""
        group = "${{ github.workflow }}" + ("-${{ github.ref }}" if per_branch else "")
        return GithubWorkflow(
            self._github,
            name,
            limit_concurrency=True,
            concurrency_options=ConcurrencyOptions(group=group, cancel_in_progress=per_branch),
        )

    def _job(
        self,
        *tasks: str,
        python: str | None = None,
        on: JobStrategy | None = None,
        needs: Sequence[str] = (),
        condition: str | None = None,
        outputs: Mapping[str, JobStepOutput] | None = None,
        minutes: int = 90,
        environment: str | None = None,
        permissions: JobPermissions | None = None,
        steps: Sequence[JobStep] = (),
    ) -> Job:
        """Create a job that runs tasks and steps, by default with permission to read only."""
        return Job(
            runs_on=RUNNER,
            timeout_minutes=minutes,
            environment=environment,
            strategy=on,
            needs=list(needs) or None,
            if_=condition,
            permissions=permissions or JobPermissions(contents=READ),
            outputs=dict(outputs) if outputs else None,
            steps=[
                self._check_out(),
                *self._tools(python or self._pythons[0]),
                *(JobStep(run=f"npx --yes projen {task}") for task in tasks),
                *steps,
            ],
        )

    def _check_out(self) -> JobStep:
        # The version depends on tags and on the commits since the last one.
        return self._use("actions/checkout", {"fetch-depth": 0, "persist-credentials": False})

    def _tools(self, python: str) -> list[JobStep]:
        return [
            self._use("actions/setup-python", {"python-version": python}),
            self._use("actions/setup-node", {"node-version": "24", "package-manager-cache": False}),
        ]

    def _upload(self, name: str, paths: str, *, condition: str | None = None) -> JobStep:
        return self._use(
            "actions/upload-artifact",
            {
                "name": name,
                "path": paths.replace(" ", "\n"),
                "if-no-files-found": "error",
                # Of a job that runs again.
                "overwrite": True,
            },
            condition=condition,
        )

    def _download(self, path: str, **options: str) -> JobStep:
        return self._use("actions/download-artifact", {**options, "path": path})

    def _use(
        self, action: str, options: Mapping[str, Any], *, condition: str | None = None
    ) -> JobStep:
        return JobStep(uses=f"{action}@{self._actions[action]}", with_=options, if_=condition)
