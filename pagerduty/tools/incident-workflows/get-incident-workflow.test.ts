import { describe, expect, test } from 'vitest';
import { workflows } from '../../fake/workflows.ts';
import { refusals, runner, stage } from '../testing/stage.ts';
import { getIncidentWorkflow as tool } from './get-incident-workflow.ts';

const { play, reads } = await stage();
const run = runner(tool, reads);

describe('get_incident_workflow', () => {
  test('gives every step with its inputs, secrets taken out', async () => {
    const found = await run({ workflow_id: workflows.major.id });
    expect(found).toMatchInlineSnapshot(`
      {
        "answer": {
          "incident_workflow": {
            "created_at": "2024-03-11T09:30:00Z",
            "description": "Gathers people and tells everybody.",
            "enabled": true,
            "id": "PWMAJOR",
            "name": "Major incident",
            "steps": [
              {
                "action": "Creates a Slack channel (pagerduty.com:slack:create-a-channel:4)",
                "inputs": [
                  {
                    "name": "Channel Name",
                    "value": "inc-{{incident.incident_number}}",
                  },
                  {
                    "name": "Visibility",
                    "value": "Public",
                  },
                ],
                "name": "Open the channel",
                "number": "1",
              },
              {
                "action": "Adds responders (pagerduty.com:incident-workflows:add-responders:3)",
                "inputs": [
                  {
                    "name": "Message",
                    "value": "A major incident needs a lead.",
                  },
                  {
                    "name": "Responders",
                    "value": "escalation_policy:PETRACK",
                  },
                ],
                "name": "Call the incident lead",
                "number": "2",
              },
              {
                "action": "Runs steps if it holds (pagerduty.com:logic:incident-workflows-single-gate:2)",
                "inputs": [
                  {
                    "name": "Condition",
                    "value": "incident.priority matches 'P1'",
                  },
                ],
                "name": "Only for P1",
                "number": "3",
              },
              {
                "action": "Posts a status update (pagerduty.com:incident-workflows:send-status-update:5)",
                "inputs": [
                  {
                    "name": "Message",
                    "value": "We are on it. Next update in 30 minutes.",
                  },
                ],
                "name": "Tell subscribers",
                "number": "3.1",
              },
              {
                "action": "Calls a web address (pagerduty.com:incident-workflows:send-webhook-post:2)",
                "inputs": [
                  {
                    "name": "URL",
                    "value": "https://deploys.northwind.example/freeze",
                  },
                  {
                    "name": "Headers",
                    "value": "Authorization: [redacted]",
                  },
                ],
                "name": "Freeze deploys",
                "number": "4",
              },
            ],
            "team": {
              "id": "PTCOMRC",
              "name": "PTCOMRC",
            },
          },
        },
        "text": "The workflow "Major incident" has 5 steps.",
      }
    `);
    expect(JSON.stringify(found)).not.toContain('nwp_');
  });

  test('hides inputs that are named like a secret, and credentials in a header', async () => {
    play.change((state) => {
      for (const { id, steps } of state.workflows.workflows) {
        if (id !== workflows.notifySupport.id) continue;
        steps[0]?.inputs.push(
          { name: 'API Key', value: 'abc' },
          { name: 'Headers', value: 'Authorization: Bearer abc' },
        );
      }
    });
    expect((await run({ workflow_id: workflows.notifySupport.id })).answer).toMatchObject({
      incident_workflow: {
        steps: [
          {
            inputs: [
              { name: 'Message' },
              { name: 'API Key', value: '[redacted]' },
              { name: 'Headers', value: 'Authorization: [redacted]' },
            ],
          },
        ],
      },
    });
  });

  test('lets no secret of a name out, nor into its sentence', async () => {
    play.change((state) => {
      for (const workflow of state.workflows.workflows) {
        if (workflow.id !== workflows.notifySupport.id) continue;
        workflow.name = 'Notify token=abc123def456';
        for (const step of workflow.steps) step.name = 'Send with token=abc123def456';
      }
    });
    const found = await run({ workflow_id: workflows.notifySupport.id });
    expect(found.text).toContain('"Notify [redacted]"');
    expect(JSON.stringify(found)).not.toContain('abc123');
  });

  test('refuses what is no id, and tells what PagerDuty does not know', async () => {
    expect(refusals(tool, { workflow_id: 'none' })).toHaveLength(1);
    await expect(run({ workflow_id: 'PWNOONE' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
