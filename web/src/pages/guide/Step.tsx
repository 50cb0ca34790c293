/** One step: done with what came of it, at hand, or still to come. */
import { Button, Card, Group, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { IconCheck } from "~/parts/icons";
import { goOn } from "./go-on";
import classes from "./guide.module.css";

interface Props {
  readonly number: number;
  readonly title: string;
  readonly state: "done" | "now" | "later";
  readonly summary?: string | undefined;
  /** To go back to it. */
  readonly onChange?: () => void;
  /** What is in it stays when it is done. */
  readonly keepsContent?: boolean;
  readonly children: ReactNode;
}

export function Step({ number, title, state, summary, onChange, keepsContent = false, children }: Props) {
  const { t } = useTranslation("guide");
  const heading = useRef<HTMLHeadingElement>(null);
  const before = useRef(state);
  // What was pressed is gone with the step before: whoever works by keyboard goes on here.
  useEffect(() => {
    if (state === "now" && before.current === "later") goOn(heading.current);
    before.current = state;
  }, [state]);
  const isOpen = state === "now" || (state === "done" && keepsContent);
  return (
    <Card component="li" className={classes.step} data-state={state} aria-current={state === "now" ? "step" : undefined}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Group gap="sm" wrap="nowrap" align="flex-start">
          <span className={classes.number} aria-hidden>
            {state === "done" ? <IconCheck size={16} stroke={2.6} /> : number}
          </span>
          <div>
            <Title order={2} fz="md" lh="28px" ref={heading} tabIndex={-1} className={classes.heading}>
              {title}
              {state === "done" ? <span className="spoken"> {t("isDone")}</span> : null}
            </Title>
            {state === "done" && summary ? (
              <Text fz="sm" c="dimmed" className="breaks">
                {summary}
              </Text>
            ) : null}
          </div>
        </Group>
        {state === "done" && onChange ? (
          <Button size="compact-sm" variant="subtle" onClick={onChange} aria-label={`${t("change")}: ${title}`}>
            {t("change")}
          </Button>
        ) : null}
      </Group>
      {isOpen ? <div className={classes.content}>{children}</div> : null}
    </Card>
  );
}
